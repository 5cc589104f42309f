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

# Sources in a directory, as with LINUX_OVERRIDE_SRCDIR, are copied instead of
# patched, with each linux-rebuild those that are newer than the copy. All files
# that the hooks touch have to be copied, or a part of the hooks would remain.
define VGICV5_FORGET_HOOKS
	cd $(LINUX_DIR) && rm -f $$(sed -n 's,^+++ b/,,p' $(BR2_EXTERNAL_VGICV5_PATH)/../kernel/*/*.patch)
endef
LINUX_PRE_RSYNC_HOOKS += VGICV5_FORGET_HOOKS
LINUX_POST_RSYNC_HOOKS += VGICV5_APPLY_HOOKS
endif
