// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "irs.h"

__guest void irs_guest_irq(void)
{
	volatile struct guest_cpu *c = cpu();
	u64 ia = gic_ack();
	void (*fn)(u64 intid);
	u64 n;

	if (!(ia & CDIA_VALID)) {
		c->spurious++;
		return;
	}

	if (CDIA_INTID(ia) >> 29 == 1) {
		c->taken[CDIA_ID(ia)]++;
		if (c->on_irq)
			((void (*)(u32))c->on_irq)(CDIA_ID(ia));
	} else {
		n = c->reg[IRQ_COUNT];
		if (n < IRQ_LOGGED)
			c->reg[IRQ_LOG + n] = CDIA_INTID(ia);
		c->reg[IRQ_COUNT] = n + 1;
		fn = (void *)c->reg[IRQ_CALL];
		if (fn)
			fn(CDIA_INTID(ia));
	}
	gic_eoi();
	if (!c->reg[IRQ_KEEP])
		gic_deactivate(ia);
}

__guest void irs_guest_setup_other(u64 ppis)
{
	gic_setup(ppis);
	cpu()->irq = irs_guest_irq;
}

__guest void irs_guest_setup(u64 ppis)
{
	irs_guest_setup_other(ppis);
	irs_write32(IRS_CR1, 0);
	irs_write32(IRS_CR0, IRS_CR0_IRSEN);
	irs_write32(IRS_IST_CFGR, IRS_LPI_BITS);
	irs_write64(IRS_IST_BASER, 0x40000000 | IRS_IST_VALID);
	guest_check(irs_read64(IRS_IST_BASER) & IRS_IST_VALID,
		    irs_read64(IRS_IST_BASER), 0);
}

__guest u64 irs_guest_lpis(void)
{
	u64 n = 0;

	irs_write32(IRS_CR0, IRS_CR0_IRSEN);
	irs_write32(IRS_IST_CFGR, IRS_LPI_BITS);
	do {
		n++;
		irs_write64(IRS_IST_BASER, IRS_IST_VALID);
	} while (!(irs_read64(IRS_IST_BASER) & IRS_IST_VALID));
	return n;
}

__guest void irs_guest_takes_own(void)
{
	irq_setup(LPI(5), 0x10, cpu()->index);
	irq_on();
	pend(LPI(5));
	while (!cpu()->reg[IRQ_COUNT])
		isb();
}

__guest void irs_guest_self(u64 arg)
{
	irs_guest_setup(0);
	irs_guest_takes_own();
}

__guest void irs_guest_takes(u64 wait)
{
	volatile struct guest_cpu *c = cpu();

	irq_off();
	c->phase = 1;
	for (;;) {
		if (wait)
			wfi();
		irq_on();
		isb();
		irq_off();
		c->count++;
	}
}

int try_irs_addr(struct vm *vm, u64 addr)
{
	return attr_set(vm->gic, GRP_ADDR, ADDR_IRS, &addr);
}

bool irs_in_hw(void)
{
	const char *where = debugfs_host("irs");

	return where && !strncmp(where, "hardware", strlen("hardware"));
}

int irs_number(struct vm *vm)
{
	char path[128], line[512];
	int number = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/kernel/debug/kvm/%d-%d/vgicv5-state",
		 getpid(), vm->fd);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		sscanf(line, "irs vm: %d", &number);
	if (f)
		fclose(f);
	return number;
}

struct vm *vm_before_init(int nr, guest_fn fn)
{
	struct vm *vm = vm_new();
	int i;

	for (i = 0; i < nr; i++)
		vcpu_new(vm, i, 0, fn);
	gic_create(vm);
	require_eq(try_irs_addr(vm, IRS_ADDR), 0);
	return vm;
}

struct vm *vm_with_irs(int nr, u32 spis, guest_fn fn)
{
	struct vm *vm = vm_before_init(nr, fn);

	if (spis)
		require_eq(attr_set(vm->gic, GRP_NR_IRQS, 0, &spis), 0);
	gic_init(vm);
	return vm;
}

int spi_line(struct vm *vm, u32 spi, int level)
{
	return irq_line(vm, IRQ_LINE(KVM_ARM_IRQ_TYPE_SPI, 0, spi), level);
}

const char *need_irs(void)
{
	const char *why = need_vgic();
	struct vm *vm;

	if (why)
		return why;
	vm = vm_new();
	gic_create(vm);
	if (attr_has(vm->gic, GRP_ADDR, ADDR_IRS))
		why = "the vGICv5 of this kernel has no IRS";
	vm_free(vm);
	return why;
}

static __guest void guest_sleeps(u64 arg)
{
	u64 me = cpu()->index;

	irs_guest_setup_other(0);
	irs_write32(IRS_CR0, IRS_CR0_IRSEN);
	irq_setup(SPI(me), 0x10, me);
	cpu()->phase = 1;
	while (!cpu()->reg[IRQ_COUNT]) {
		wfi();
		irq_on();
		isb();
		irq_off();
	}
}

void irs_wakes_by_doorbell(struct vcpu *v)
{
	static int last = -1;

	if (last < 0) {
		last = host_cpus() - 1;
		companion_start(last);
	}
	v->g->phase = 0;
	v->g->reg[IRQ_COUNT] = 0;
	vcpu_entry(v, guest_sleeps, 0);
	vcpu_start(v, last);
	require(wait_for(v->g->phase == 1 && vcpu_sleeps(v)),
		"vCPU %d does not sleep", v->index);
	check_eq(spi_line(v->vm, v->index, 1), 0);
	check_eq(vcpu_join(v), EV_DONE);
}

void irs_nothing_is_left(int before)
{
	check(wait_for(host_interrupts() == before),
	      "interrupts of the host: %d, and %d before", host_interrupts(),
	      before);
	if (irs_in_hw())
		check(!strcmp(debugfs_host("irs"), "hardware, 0 VMs lost"), "%s",
		      debugfs_host("irs"));
}
