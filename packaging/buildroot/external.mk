# SPDX-License-Identifier: GPL-2.0-only
#
# make BR2_EXTERNAL=.../packaging/buildroot: a vendor's kernel with the hooks,
# whichever series fits, and the module for it.
include $(sort $(wildcard $(BR2_EXTERNAL_VGICV5_PATH)/package/*/*.mk))

ifeq ($(BR2_PACKAGE_VGICV5),y)
# Refuses, and so stops the build with the reason, if no series fits.
define VGICV5_APPLY_HOOKS
	$(BR2_EXTERNAL_VGICV5_PATH)/../kernel/apply $(LINUX_DIR)
endef
LINUX_POST_PATCH_HOOKS += VGICV5_APPLY_HOOKS
endif
