# SPDX-License-Identifier: GPL-2.0-only
# The module with a parameter that makes one of its allocations for a VM fail:
# fail_at=0 the next one, and so on; below 0 none.
/^static struct kvm_vgic_v5_ops vgicv5_ops/i\
static int vgicv5_fail_at = -1;\
module_param_named(fail_at, vgicv5_fail_at, int, 0644);\
\
static int vgicv5_create_or_fail(struct kvm *kvm)\
{\
	return vgicv5_fail_at-- ? vgicv5_create(kvm) : -ENOMEM;\
}\
\
static int vgicv5_vcpu_create_or_fail(struct kvm_vcpu *vcpu)\
{\
	return vgicv5_fail_at-- ? vgicv5_vcpu_create(vcpu) : -ENOMEM;\
}\

s/= vgicv5_create,/= vgicv5_create_or_fail,/
s/= vgicv5_vcpu_create,/= vgicv5_vcpu_create_or_fail,/
