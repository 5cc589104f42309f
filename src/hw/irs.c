// SPDX-License-Identifier: GPL-2.0-only
/*
 * The IRS of the host, for VMs: see irs.h.
 */
#include <linux/bitfield.h>
#include <linux/io.h>
#include <linux/iopoll.h>
#include <linux/irqflags.h>
#include <linux/lockdep.h>
#include <linux/preempt.h>

#include <asm/barrier.h>

#include "ich.h"
#include "irs.h"
#include "regs.h"

#define IRS_IDR0		0x0000
#define IRS_VMT_BASER		0x0200
#define IRS_VMT_CFGR		0x0210
#define IRS_VMT_STATUSR		0x0214
#define IRS_VPE_SELR		0x0240
#define IRS_VPE_DBR		0x0248
#define IRS_VPE_CR0		0x0258
#define IRS_VPE_STATUSR		0x025c
#define IRS_VMAP_L2_VMTR	0x02c0
#define IRS_VMAP_VMR		0x02c8
#define IRS_VMAP_VISTR		0x02d0
#define IRS_VMAP_VPER		0x02e0
#define IRS_SAVE_VMR		0x0300
#define IRS_SAVE_VM_STATUSR	0x0308

#define VMT_BASER_VALID		BIT_ULL(0)
#define STATUSR_IDLE		BIT(0)
#define STATUSR_V		BIT(1)
#define VMAP_M			BIT_ULL(63)
#define VMAP_U			BIT_ULL(62)
#define VM_ID			GENMASK_ULL(15, 0)	/* VMAP_VMR, VPE_SELR */
#define VMAP_VISTR_TYPE		GENMASK_ULL(31, 29)
#define VMAP_VM_ID		GENMASK_ULL(47, 32)	/* VISTR, VPER */
#define VMAP_VPE_ID		GENMASK_ULL(15, 0)
#define VPE_SELR_VPE_ID		GENMASK_ULL(47, 32)
#define VPE_SELR_S		BIT_ULL(63)
#define VPE_DBR_DBV		BIT_ULL(63)
#define VPE_CR0_DPS		BIT(0)
#define SAVE_VMR_S		BIT_ULL(63)

#define VDHM_HM			BIT_ULL(32)

/*
 * Who waits sleeps, and may not get the CPU for a while: long, for it costs nothing.
 * What has not answered once is not waited for that long again.
 */
#define TIMEOUT_US		1000000
#define TIMEOUT_AGAIN_US	10000

static void __iomem *frame __ro_after_init;
static unsigned int timeout_us = TIMEOUT_US;

/**
 * hwirs_init() - this is the frame
 * @addr: its CONFIG frame
 */
void hwirs_init(void __iomem *addr)
{
	frame = addr;
}

/**
 * hwirs_read_ids() - read what it has
 * @idr: receives IRS_IDRS registers
 */
void hwirs_read_ids(u32 *idr)
{
	int i;

	for (i = 0; i < IRS_IDRS; i++)
		idr[i] = readl(frame + IRS_IDR0 + 4 * i);
}

static int wait_idle(u32 statusr)
{
	u32 val;
	int ret;

	ret = readl_poll_timeout(frame + statusr, val, val & STATUSR_IDLE, 1,
				 timeout_us);
	if (ret)
		timeout_us = TIMEOUT_AGAIN_US;

	return ret;
}

/* It is dropped if the IRS is busy */
static int command(u32 statusr, u32 reg, u64 val)
{
	int ret = wait_idle(statusr);

	if (ret)
		return ret;

	writeq(val, frame + reg);

	return wait_idle(statusr);
}

/**
 * hwirs_in_use() - has somebody else a VM table in it?
 *
 * Another hypervisor: a kernel that was there before, or one of Linux 7.4 or later.
 *
 * Return: true if so.
 */
bool hwirs_in_use(void)
{
	return readq(frame + IRS_VMT_BASER) & VMT_BASER_VALID;
}

/**
 * hwirs_vmt_on() - here is the VM table
 * @addr: its physical address
 * @cfgr: IRS_VMT_CFGR
 *
 * Return: 0 or -ETIMEDOUT.
 */
int hwirs_vmt_on(u64 addr, u32 cfgr)
{
	int ret = wait_idle(IRS_VMT_STATUSR);

	if (ret)
		return ret;

	writel(cfgr, frame + IRS_VMT_CFGR);

	return command(IRS_VMT_STATUSR, IRS_VMT_BASER, addr | VMT_BASER_VALID);
}

/**
 * hwirs_vmt_off() - there is no VM table any more, and no VM
 *
 * Return: 0, and the IRS has let go of all memory; or -ETIMEDOUT.
 */
int hwirs_vmt_off(void)
{
	int ret;

	gsb_sys();
	ret = command(IRS_VMT_STATUSR, IRS_VMT_BASER, 0);
	if (!ret && hwirs_in_use())
		ret = -ETIMEDOUT;

	return ret;
}

/**
 * hwirs_map_l2_vmt() - an L1_VMTE becomes valid
 * @vm: a VM in that table
 *
 * This one, and those that follow: whether the IRS has done it is in VALID of the
 * entry, in memory.
 *
 * Return: 0 or -ETIMEDOUT.
 */
int hwirs_map_l2_vmt(u16 vm)
{
	return command(IRS_VMT_STATUSR, IRS_VMAP_L2_VMTR, VMAP_M | vm);
}

/**
 * hwirs_map_vm() - a VM becomes valid
 * @vm: its number
 *
 * Return: 0 or -ETIMEDOUT.
 */
int hwirs_map_vm(u16 vm)
{
	return command(IRS_VMT_STATUSR, IRS_VMAP_VMR, VMAP_M | vm);
}

/**
 * hwirs_unmap_vm() - the IRS lets go of a VM, and of all its memory
 * @vm: its number; no VPE of it is resident
 *
 * Return: 0 or -ETIMEDOUT.
 */
int hwirs_unmap_vm(u16 vm)
{
	gsb_sys();
	return command(IRS_VMT_STATUSR, IRS_VMAP_VMR, VMAP_M | VMAP_U | vm);
}

/**
 * hwirs_map_vpe() - a VPE becomes valid
 * @vm:  its VM, which is
 * @vpe: its number
 *
 * Return: 0 or -ETIMEDOUT.
 */
int hwirs_map_vpe(u16 vm, u16 vpe)
{
	return command(IRS_VMT_STATUSR, IRS_VMAP_VPER, VMAP_M |
		       FIELD_PREP(VMAP_VM_ID, vm) |
		       FIELD_PREP(VMAP_VPE_ID, vpe));
}

static u64 vistr(u16 vm, unsigned int type)
{
	return VMAP_M | FIELD_PREP(VMAP_VM_ID, vm) |
	       FIELD_PREP(VMAP_VISTR_TYPE, type);
}

/**
 * hwirs_map_ist() - there are SPIs, or LPIs
 * @vm:   a VM, which is valid
 * @type: as in an INTID
 *
 * Return: 0 or -ETIMEDOUT.
 */
int hwirs_map_ist(u16 vm, unsigned int type)
{
	return command(IRS_VMT_STATUSR, IRS_VMAP_VISTR, vistr(vm, type));
}

/**
 * hwirs_unmap_ist() - there are none any more
 * @vm:   a VM, which is valid
 * @type: as in an INTID
 *
 * Return: 0, and the IRS has let go of that IST; or -ETIMEDOUT.
 */
int hwirs_unmap_ist(u16 vm, unsigned int type)
{
	gsb_sys();
	return command(IRS_VMT_STATUSR, IRS_VMAP_VISTR,
		       VMAP_U | vistr(vm, type));
}

/**
 * hwirs_save_vm() - bring a VM's tables up to date
 * @vm: its number; no VPE of it is resident
 *
 * Return: 0, and its ISTs are current, until something changes; or -ETIMEDOUT.
 */
int hwirs_save_vm(u16 vm)
{
	gsb_sys();
	return command(IRS_SAVE_VM_STATUSR, IRS_SAVE_VMR,
		       SAVE_VMR_S | FIELD_PREP(VM_ID, vm));
}

/* The selected VPE may have gone */
static int vpe_command(u32 reg, u64 val)
{
	int ret = command(IRS_VPE_STATUSR, reg, val);

	if (!ret && !(readl(frame + IRS_VPE_STATUSR) & STATUSR_V))
		ret = -ENXIO;

	return ret;
}

/**
 * hwirs_set_doorbell() - what rings for a VPE
 * @vm:  its VM
 * @vpe: its number; it is valid, and has no settings yet
 * @lpi: number of a physical LPI
 *
 * It is no target of 1-of-N interrupts, of which there are none.
 *
 * Return: 0, -ENXIO if there is no such VPE, or -ETIMEDOUT.
 */
int hwirs_set_doorbell(u16 vm, u16 vpe, u32 lpi)
{
	int ret;

	ret = vpe_command(IRS_VPE_SELR, VPE_SELR_S | FIELD_PREP(VM_ID, vm) |
			  FIELD_PREP(VPE_SELR_VPE_ID, vpe));
	if (ret)
		return ret;

	/* A register of 32 bits; it has been idle, and nobody else is there */
	writel(VPE_CR0_DPS, frame + IRS_VPE_CR0);

	return vpe_command(IRS_VPE_DBR, VPE_DBR_DBV | lpi);
}

/**
 * hwirs_set_level() - make an SPI or LPI level or edge triggered
 * @intid: the interrupt
 * @level: which
 */
void hwirs_set_level(u32 intid, bool level)
{
	lockdep_assert_preemption_disabled();

	write_sysreg_s(intid | (level ? VDHM_HM : 0), VG5_GIC_VDHM);
	gsb_sys();
}

/**
 * hwirs_power_on() - all of an SPI or LPI is as at first
 * @vm:    its VM
 * @intid: the interrupt
 */
void hwirs_power_on(u16 vm, u32 intid)
{
	lockdep_assert_preemption_disabled();

	/* Operands of zero, besides the INTID */
	write_sysreg_s(intid, VG5_GIC_VDDIS);
	write_sysreg_s(intid, VG5_GIC_VDDI);
	write_sysreg_s(intid, VG5_GIC_VDPRI);
	write_sysreg_s(intid, VG5_GIC_VDAFF);
	write_sysreg_s(intid, VG5_GIC_VDHM);
	hwirs_pend(vm, intid, false);
}

/**
 * hwirs_config() - what the guest's CDRCFG would find
 * @intid: the interrupt
 *
 * ICC_ICSR_EL1 is this CPU's, and the host uses it with interrupts disabled, too.
 *
 * Return: ICC_ICSR_EL1.
 */
u64 hwirs_config(u32 intid)
{
	unsigned long flags;
	u64 icsr;

	lockdep_assert_preemption_disabled();

	local_irq_save(flags);
	write_sysreg_s(intid, VG5_GIC_VDRCFG);
	gsb_sys();
	isb();
	icsr = read_sysreg_s(VG5_ICC_ICSR_EL1);
	local_irq_restore(flags);

	return icsr;
}

/* --- the CPU interface -------------------------------------------------- */

/**
 * ich_traps_open_irs() - the host's IRS has the VM's SPIs and LPIs
 * @traps: from ich_traps_init()
 *
 * Left are two: CDHM, for who injects has to know what is level triggered, and
 * CDRCFG, which leaves its result in a register that the host has use for.
 */
void ich_traps_open_irs(struct ich_traps *traps)
{
	traps->configure = ICH_HFGITR_CDPEND | ICH_HFGITR_CDAFF |
			   ICH_HFGITR_CDPRI | ICH_HFGITR_CDDIS |
			   ICH_HFGITR_CDEN;
}

/**
 * ich_enter_vpe() - make a VPE resident
 * @vm:	     its VM
 * @vpe:     its number
 * @enabled: the guest's IRS is; else only PPIs are signalled
 *
 * None is resident on this CPU, nor is this one on another.
 *
 * Return: false if the IRS has refused it: there is no such VPE.
 */
bool ich_enter_vpe(u16 vm, u16 vpe, bool enabled)
{
	write_sysreg_s(ICH_CONTEXTR_V | FIELD_PREP(ICH_CONTEXTR_VM, vm) |
		       FIELD_PREP(ICH_CONTEXTR_VPE, vpe) |
		       (enabled ? 0 : ICH_CONTEXTR_IRICHPPIDIS),
		       VG5_ICH_CONTEXTR_EL2);
	isb();
	if (likely(!(read_sysreg_s(VG5_ICH_CONTEXTR_EL2) & ICH_CONTEXTR_F)))
		return true;

	/* Without V the rest means nothing */
	write_sysreg_s(0, VG5_ICH_CONTEXTR_EL2);
	isb();

	return false;
}

/**
 * ich_leave_vpe() - no VPE is resident any more
 *
 * What becomes pending for it waits until it is again. What the guest has executed
 * has taken effect: a save or a reset comes from another CPU, whose GSB does not
 * wait for it.
 */
void ich_leave_vpe(void)
{
	gsb_sys();
	write_sysreg_s(0, VG5_ICH_CONTEXTR_EL2);
	isb();
}

/**
 * ich_leave_vpe_ring() - the same, and ring the doorbell of the one that was
 * @prio: if an SPI or LPI of at least this priority is pending, or when it becomes
 *
 * Who hears it finds what was stored before.
 */
void ich_leave_vpe_ring(unsigned int prio)
{
	gsb_sys();
	dsb(ishst);
	write_sysreg_s(ICH_CONTEXTR_DB | FIELD_PREP(ICH_CONTEXTR_DBPM, prio),
		       VG5_ICH_CONTEXTR_EL2);
	isb();
}
