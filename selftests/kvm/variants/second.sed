# SPDX-License-Identifier: GPL-2.0-only
# The module as if another one had registered before. Two modules of the name
# that the hooks admit cannot be loaded at once, so it is the module itself.
s/^\t\(ret = kvm_vgic_v5_register(&vgicv5_ops);\)$/\t\1\
	if (!ret) {\
		\1\
		kvm_vgic_v5_unregister(\&vgicv5_ops);\
	}/
