# SPDX-License-Identifier: GPL-2.0-only
#
# A small stand-in of Buildroot for packaging/buildroot: the steps that a package
# goes through, with their stamps and hooks; the fix-ups of the kernel's
# configuration; modules. O is the output directory, with .config and local.mk.

BR2_EXTERNAL_VGICV5_PATH = $(BR2_EXTERNAL)
include $(O)/.config
-include $(O)/local.mk

define sep


endef
# The kernel's make is not to have what this one was given
MAKEOVERRIDES =
BUILD_DIR = $(O)/build
TARGET_DIR = $(O)/target
CROSS ?= aarch64-linux-gnu-
# The name of the package whose file is read; of the one whose step is done
pkgname = $(lastword $(subst /, ,$(dir $(lastword $(MAKEFILE_LIST)))))
upper = $(shell echo $(1) | tr a-z- A-Z_)
hooks = $(foreach hook,$($(PKG)_$(1)_HOOKS),$(call $(hook))$(sep))

# package NAME,UPPER: archives are unpacked and patched, directories copied
define package
$(2)_DIR = $$(BUILD_DIR)/$(1)-$$($(2)_VERSION)
ifeq ($$($(2)_SITE_METHOD),local)
$(2)_OVERRIDE_SRCDIR ?= $$($(2)_SITE)
endif
$(1) $(1)-configure $(1)-clean-for-reconfigure: PKG = $(2)
$$($(2)_DIR)/.stamp_%: PKG = $(2)
ifeq ($$($(2)_OVERRIDE_SRCDIR),)
$$($(2)_DIR)/.stamp_source:
	mkdir -p $$(@D)
	tar -C $$(@D) -xf $$(patsubst file://%,%,$$($(2)_SITE)) --strip-components=1
	$$(call hooks,POST_EXTRACT)
	$$(call hooks,PRE_PATCH)
	$$(call hooks,POST_PATCH)
	touch $$@
else
$$($(2)_DIR)/.stamp_source:
	mkdir -p $$(@D)
	$$(call hooks,PRE_RSYNC)
	rsync -au --chmod=u=rwX,go=rX $$($(2)_OVERRIDE_SRCDIR_RSYNC_EXCLUSIONS) \
		--exclude .git $$($(2)_OVERRIDE_SRCDIR)/ $$(@D)
	$$(call hooks,POST_RSYNC)
	touch $$@
endif
$$($(2)_DIR)/.stamp_configured: $$($(2)_DIR)/.stamp_source
	$$($(2)_CONFIGURE_CMDS)
	touch $$@
$$($(2)_DIR)/.stamp_built: $$($(2)_DIR)/.stamp_configured | $$($(2)_DEPENDENCIES)
	$$($(2)_BUILD_CMDS)
	$$(call hooks,POST_BUILD)
	touch $$@
$$($(2)_DIR)/.stamp_installed: $$($(2)_DIR)/.stamp_built
	mkdir -p $$(TARGET_DIR)
	$$(call hooks,POST_INSTALL_TARGET)
	touch $$@
$(1): $$($(2)_DIR)/.stamp_installed
$(1)-configure: $$($(2)_DIR)/.stamp_configured
$(1)-clean-for-reconfigure:
	rm -f $$($(2)_DIR)/.stamp_configured \
		$$(if $$($(2)_OVERRIDE_SRCDIR),$$($(2)_DIR)/.stamp_source)
.PHONY: $(1) $(1)-configure $(1)-clean-for-reconfigure
PACKAGES_LINUX_CONFIG_FIXUPS += $$($(2)_LINUX_CONFIG_FIXUPS)$$(sep)
endef
generic-package = $(call package,$(pkgname),$(call upper,$(pkgname)))

# module UPPER
define module
$(1)_DEPENDENCIES += linux
define $(1)_MODULES_BUILD
	$$(MAKE) -C $$(LINUX_DIR) $$(LINUX_MAKE_FLAGS) PWD=$$(@D) M=$$(@D) modules
endef
define $(1)_MODULES_INSTALL
	$$(MAKE) -C $$(LINUX_DIR) $$(LINUX_MAKE_FLAGS) PWD=$$(@D) M=$$(@D) \
		modules_install
endef
$(1)_POST_BUILD_HOOKS += $(1)_MODULES_BUILD
$(1)_POST_INSTALL_TARGET_HOOKS += $(1)_MODULES_INSTALL
endef
kernel-module = $(call module,$(call upper,$(pkgname)))

LINUX_VERSION = mine
LINUX_SITE = $(shell echo $(BR2_LINUX_KERNEL_CUSTOM_TARBALL_LOCATION))
LINUX_MAKE_FLAGS = ARCH=arm64 CROSS_COMPILE=$(CROSS) INSTALL_MOD_PATH=$(TARGET_DIR)
KCONFIG_ENABLE_OPT = $(LINUX_DIR)/scripts/config --file $(LINUX_DIR)/.config -e $(1)
define LINUX_CONFIGURE_CMDS
	cp $(BR2_LINUX_KERNEL_CUSTOM_CONFIG_FILE) $(@D)/.config
	$(PACKAGES_LINUX_CONFIG_FIXUPS)
	$(MAKE) -C $(@D) $(LINUX_MAKE_FLAGS) olddefconfig
endef
$(eval $(call package,linux,LINUX))

include $(BR2_EXTERNAL)/external.mk
