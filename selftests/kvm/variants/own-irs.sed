# SPDX-License-Identifier: GPL-2.0-only
# The module for a kernel whose own vGICv5 has an IRS: its <asm/kvm.h> says so
/^#include <linux\/cpu.h>$/i\
#define KVM_VGIC_V5_ADDR_TYPE_IRS	6
