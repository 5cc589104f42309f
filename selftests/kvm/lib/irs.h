/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The IRS as a guest sees it, and SPIs and LPIs.
 */
#ifndef SELFTEST_IRS_H
#define SELFTEST_IRS_H

#include "vmm.h"

/* The CONFIG frame, where nothing else of the VM is */
#define IRS_ADDR		0x0a000000ul
#define IRS_SIZE		0x20000ul

#define GRP_ADDR		KVM_DEV_ARM_VGIC_GRP_ADDR
#define ADDR_IRS		6	/* KVM_VGIC_V5_ADDR_TYPE_IRS */
#define GRP_NR_IRQS		KVM_DEV_ARM_VGIC_GRP_NR_IRQS

#define IRS_IDR0		0x0000
#define IRS_IDR1		0x0004
#define IRS_IDR2		0x0008
#define IRS_IDR5		0x0014
#define IRS_IDR6		0x0018
#define IRS_IDR7		0x001c
#define IRS_CR0			0x0080
#define IRS_CR1			0x0084
#define IRS_SPI_SELR		0x0108
#define IRS_SPI_CFGR		0x0114
#define IRS_SPI_STATUSR		0x0118
#define IRS_PE_SELR		0x0140
#define IRS_PE_STATUSR		0x0144
#define IRS_PE_CR0		0x0148
#define IRS_IST_BASER		0x0180
#define IRS_IST_CFGR		0x0190
#define IRS_IST_STATUSR		0x0194

#define IRS_CR0_IRSEN		BIT(0)
#define IRS_CR0_IDLE		BIT(1)
#define IRS_IST_VALID		BIT(0)
#define IRS_LPI_BITS		12

#define LPI(n)			(0x40000000ul | (n))
#define SPI(n)			(0x60000000ul | (n))

#define ICSR_F			BIT(0)
#define ICSR_ENABLED		BIT(1)
#define ICSR_PENDING		BIT(2)
#define ICSR_ACTIVE		BIT(4)
#define ICSR_LEVEL		BIT(5)
#define ICSR_PRIORITY(v)	((v) >> 11 & 0x1f)
#define ICSR_IAFFID(v)		((v) >> 32 & 0xffff)

#define INL static inline __attribute__((always_inline))

INL u32 irs_read32(u64 offset)
{
	u32 val;

	asm volatile("ldr %w0, [%1]" : "=r" (val) : "r" (IRS_ADDR + offset) :
		     "memory");
	return val;
}

INL void irs_write32(u64 offset, u32 val)
{
	asm volatile("str %w0, [%1]" : : "r" (val), "r" (IRS_ADDR + offset) :
		     "memory");
}

INL u64 irs_read64(u64 offset)
{
	u64 val;

	asm volatile("ldr %0, [%1]" : "=r" (val) : "r" (IRS_ADDR + offset) :
		     "memory");
	return val;
}

INL void irs_write64(u64 offset, u64 val)
{
	asm volatile("str %0, [%1]" : : "r" (val), "r" (IRS_ADDR + offset) :
		     "memory");
}

INL void lpi_priority(u64 intid, u64 prio)
{
	gic(GIC_CDPRI, intid | prio << 35);
}

INL void lpi_target(u64 intid, u64 iaffid)
{
	gic(GIC_CDAFF, intid | iaffid << 32);
}

INL void pend(u64 intid)
{
	gic(GIC_CDPEND, intid | BIT(32));
	gsb_sys();
	isb();
}

INL void unpend(u64 intid)
{
	gic(GIC_CDPEND, intid);
	gsb_sys();
	isb();
}

INL u64 config_of(u64 intid)
{
	gic(GIC_CDRCFG, intid);
	isb();
	return read_reg(ICC_ICSR);
}

/* Of any interrupt: its priority, its vCPU, enabled */
INL void irq_setup(u64 intid, u64 prio, u64 iaffid)
{
	lpi_priority(intid, prio);
	lpi_target(intid, iaffid);
	gic(GIC_CDEN, intid);
	gsb_sys();
	isb();
}

/*
 * What is taken goes to cpu()->reg[]: how many SPIs and LPIs, and the INTIDs in
 * their order; then what reg[IRQ_CALL] says is called, and CDEOI, and CDDI
 * unless reg[IRQ_KEEP] is set.
 */
enum { IRQ_COUNT, IRQ_KEEP, IRQ_CALL, IRQ_LOG = 8 };
#define IRQ_LOGGED		32

void irs_guest_irq(void);

/* gic_setup(), and the IRS with LPIs; by the vCPU that comes first */
void irs_guest_setup(u64 ppis);
/* and by the others */
void irs_guest_setup_other(u64 ppis);

/* LPIs, once there is memory for their table: how often it was asked for */
u64 irs_guest_lpis(void);

/* For ever: take what comes, spinning or in WFI; phase is 1 from the start on */
void irs_guest_takes(u64 wait);
/* Take an LPI that it sends to itself; irs_guest_self() sets up all before */
void irs_guest_takes_own(void);
void irs_guest_self(u64 arg);

/* Are SPIs and LPIs in the IRS of the host? Or else in the module */
bool irs_in_hw(void);
/* What that IRS calls the VM; -1 if KVM's debugfs does not tell */
int irs_number(struct vm *vm);

/*
 * A VM as vm_ready() makes it, and an IRS with @spis SPIs (0: as many as it has); and
 * one that is to be initialised.
 */
struct vm *vm_with_irs(int nr, u32 spis, guest_fn fn);
struct vm *vm_before_init(int nr, guest_fn fn);
int try_irs_addr(struct vm *vm, u64 addr);
int spi_line(struct vm *vm, u32 spi, int level);
const char *need_irs(void);

/*
 * A vCPU of a VM in the host's IRS runs anew, sleeps in WFI, and is woken: by its
 * doorbell. The IRS has been set up.
 */
void irs_wakes_by_doorbell(struct vcpu *vcpu);
/*
 * A little after a VM's last file is closed, doorbells are given back, and no VM is
 * left in the host's IRS.
 */
void irs_nothing_is_left(int host_interrupts);

#endif
