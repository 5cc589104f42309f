/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The IRS of the host, as far as it is for VMs: registers from IRS_VMT_BASER to
 * IRS_SAVE_VM_STATUSR, which the host's driver does not touch, and instructions of
 * EL2 that act on a VM's interrupts. No policy, no memory.
 *
 * Each command waits until the IRS has done it, and sleeps meanwhile; the caller
 * holds a lock, for one at a time is all that there can be. -ETIMEDOUT: the IRS does
 * not answer, and whether it has done it, or will, is not known.
 *
 * Stores to tables come before the command, and what the IRS has stored there can
 * be read after it: accesses to the frame are those with barriers.
 */
#ifndef __VGICV5_HW_IRS_H
#define __VGICV5_HW_IRS_H

#include <linux/bitfield.h>
#include <linux/lockdep.h>
#include <linux/types.h>

#include <asm/barrier.h>
#include <asm/sysreg.h>

#include "regs.h"

#define IRS_IDRS	5	/* IRS_IDR0 to IRS_IDR4 */

void hwirs_init(void __iomem *frame);
void hwirs_read_ids(u32 *idr);

bool hwirs_in_use(void);
int hwirs_vmt_on(u64 addr, u32 cfgr);
int hwirs_vmt_off(void);

int hwirs_map_l2_vmt(u16 vm);
int hwirs_map_vm(u16 vm);
int hwirs_unmap_vm(u16 vm);
int hwirs_map_vpe(u16 vm, u16 vpe);
int hwirs_map_ist(u16 vm, unsigned int type);
int hwirs_unmap_ist(u16 vm, unsigned int type);
int hwirs_save_vm(u16 vm);
int hwirs_set_doorbell(u16 vm, u16 vpe, u32 lpi);

/* VDPEND has its bit, and a VM, elsewhere than the others */
#define VDPEND_VM	GENMASK_ULL(47, 32)
#define VDPEND_PENDING	BIT_ULL(63)

/**
 * hwirs_pend() - make an SPI or LPI of any VM pending, or not
 * @vm:      the VM, which may be valid or not
 * @intid:   the interrupt
 * @pending: which
 *
 * It is done when this returns: of two that follow each other on different CPUs
 * the second counts, and none comes late to a VM that is unmapped. Who takes it
 * finds what was stored before: an instruction is ordered by a DSB only.
 *
 * Context: any in which preemption is disabled: a GSB waits for what its own CPU
 * has executed.
 */
static inline void hwirs_pend(u16 vm, u32 intid, bool pending)
{
	lockdep_assert_preemption_disabled();

	if (pending)
		dsb(ishst);
	write_sysreg_s(intid | FIELD_PREP(VDPEND_VM, vm) |
		       FIELD_PREP(VDPEND_PENDING, pending), VG5_GIC_VDPEND);
	gsb_sys();
}

/* Those of the VM whose VPE is resident on this CPU; preemption is disabled */
void hwirs_set_level(u32 intid, bool level);
void hwirs_power_on(u16 vm, u32 intid);
u64 hwirs_config(u32 intid);

#endif /* __VGICV5_HW_IRS_H */
