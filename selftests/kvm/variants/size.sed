# SPDX-License-Identifier: GPL-2.0-only
# The module as if it had been built with fewer operations than KVM has
s/\(\.size[[:space:]]*= sizeof(struct kvm_vgic_v5_ops)\),/\1 - sizeof(void *),/
