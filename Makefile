# SPDX-License-Identifier: GPL-2.0-only
#
# For people, and for DKMS. The kernel's build system reads Kbuild instead, so
# nothing here asks whether it is inside a kernel build.

ifdef KERNELRELEASE
release := $(KERNELRELEASE)
else
release := $(shell uname -r)
endif
KDIR ?= /lib/modules/$(release)/build

# What is built there, given for a cross build on the command line:
# ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu-
kbuild = $(MAKE) -C $(KDIR) M=$(CURDIR) $(clang)

# A kernel that clang has built takes no other compiler. dkms names it, people
# should not have to.
clang :=
ifeq ($(LLVM)$(filter command,$(origin CC)),)
is_set = $(filter $(1)=y,$(shell grep -sE '^CONFIG_(CC_IS_CLANG|LD_IS_LLD)=y' $(KDIR)/include/config/auto.conf))
clang = $(if $(call is_set,CONFIG_CC_IS_CLANG),$(if $(call is_set,CONFIG_LD_IS_LLD),LLVM=1,CC=clang))
endif

version := $(shell sed -n 's/^\#define VGICV5_VERSION[^"]*"\(.*\)"/\1/p' include/vgicv5/version.h)

# kbuild takes a path with a space for two, and says so in other words.
odd_path :=
ifneq ($(words [$(CURDIR)] [$(KDIR)]),2)
odd_path = $(error Neither the path of the kernel nor of this directory may have a space: KDIR is "$(KDIR)", this is "$(CURDIR)")
endif

modules: kdir
	+@$(kbuild) modules

help:
	@echo 'vgicv5 $(version): a virtual GICv5 for KVM/arm64 guests'
	@echo
	@echo 'See it work, in an emulated GICv5 host (Debian 12 or 13, any CPU):'
	@echo '  demo             boot the host, load the module, run a guest'
	@echo '  demo-migrate     a guest is saved, and goes on on a host with another kernel'
	@echo '  check            the tests, but for those that take long'
	@echo '  check-core       tests of the state machines of PPIs and IRS, no machine needed'
	@echo '  check-machine    tests of the emulated machine alone'
	@echo '  check-all        all tests, long ones too'
	@echo '  bench            what a world switch costs, against KVM of Linux 7.3'
	@echo '  seeds            put faults into copies of the sources: are all caught?'
	@echo '  coverage         which lines of the module the tests reach'
	@echo '  deps             install all Debian packages that the above need'
	@echo
	@echo 'Build the module for a kernel with the hooks (packaging/kernel/):'
	@echo '  modules          vgicv5.ko (default target)'
	@echo '  modules_install  into /lib/modules/, or below INSTALL_MOD_PATH'
	@echo '  clean            remove what was built here'
	@echo '  dist             vgicv5-$(version).tar.gz of the last commit, in build/'
	@echo '  upstream         hooks and module as patches for Linux 7.0, in build/upstream/'
	@echo '  packages         Debian, RPM and other packages (packaging/), in build/packages/'
	@echo
	@echo 'Variables:'
	@echo '  KDIR             the kernel build, now $(KDIR)'
	@echo '  ARCH, CROSS_COMPILE, LLVM: as for the kernel'
	@echo '  VGICV5_CACHE     downloads and builds, default ~/.cache/vgicv5'
	@echo '  VGICV5_OFFLINE   1: use no network'

kdir:
	$(odd_path)
	@[ -e $(KDIR)/Makefile ] || { echo 'No kernel build in $(KDIR): install the headers of that kernel, or say KDIR=DIR' >&2; exit 1; }

modules_install: kdir
	+@$(kbuild) modules_install

# Without a kernel build there is nothing that could have been built.
clean:
	$(odd_path)
	+@[ ! -e '$(KDIR)/Makefile' ] || $(kbuild) clean
	rm -rf build selftests/core/build selftests/kvm/build

demo:
	@selftests/machine/demo

demo-migrate:
	@selftests/guest/migrate

check:
	@selftests/check

check-core:
	@selftests/check core

check-machine:
	@selftests/check --group machine

check-all:
	@selftests/check --all

bench:
	@selftests/machine/deps bench
	+@selftests/bench/bench

seeds:
	@selftests/machine/deps demo
	@selftests/seeds/run

coverage:
	@selftests/machine/deps demo
	@selftests/coverage/run

deps:
	@selftests/machine/deps

# The same commit gives the same bytes.
dist:
	@packaging/dist build

upstream:
	@selftests/machine/deps hooks
	@packaging/kernel/upstream build/upstream

packages:
	@$(if $(filter command% environment%,$(origin KDIR)),KDIR='$(KDIR)') packaging/build

# "make -j modules modules_install" is one after the other; -j is for what they
# start.
.NOTPARALLEL:

.PHONY: modules help kdir modules_install clean demo demo-migrate check \
	check-core check-machine check-all bench seeds coverage deps dist upstream packages
