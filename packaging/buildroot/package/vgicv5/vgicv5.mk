################################################################################
# SPDX-License-Identifier: GPL-2.0-only
#
# vgicv5
#
################################################################################

VGICV5_SITE = $(BR2_EXTERNAL_VGICV5_PATH)/../..
VGICV5_SITE_METHOD = local
# What tests and packages have left there is large.
VGICV5_OVERRIDE_SRCDIR_RSYNC_EXCLUSIONS = --exclude /build
VGICV5_VERSION = $(shell sed -n 's/^\#define VGICV5_VERSION[^"]*"\(.*\)"/\1/p' $(VGICV5_SITE)/include/vgicv5/version.h)
VGICV5_LICENSE = GPL-2.0-only
VGICV5_LICENSE_FILES = COPYING

define VGICV5_LINUX_CONFIG_FIXUPS
	$(call KCONFIG_ENABLE_OPT,CONFIG_VIRTUALIZATION)
	$(call KCONFIG_ENABLE_OPT,CONFIG_KVM)
	$(call KCONFIG_ENABLE_OPT,CONFIG_KVM_ARM_VGIC_V5_HOOKS)
endef

$(eval $(kernel-module))
$(eval $(generic-package))
