// SPDX-License-Identifier: GPL-2.0-only
/*
 * The IRS: the attributes that give a VM one, with the errors of Linux 7.4, and
 * its frame as a guest reads and writes it.
 */
#include "lib/irs.h"

static __guest void guest_nothing(u64 arg)
{
}

static void addr_attribute(long arg)
{
	struct vm *vm = vm_new();
	u64 addr = 0;

	vcpu_new(vm, 0, 0, guest_nothing);
	gic_create(vm);
	check_eq(attr_has(vm->gic, GRP_ADDR, ADDR_IRS), 0);
	check_eq(attr_has(vm->gic, GRP_ADDR, ADDR_IRS + 1), -ENXIO);
	check_eq(attr_has(vm->gic, GRP_ADDR, 0), -ENXIO);
	check_eq(attr_set(vm->gic, GRP_ADDR, ADDR_IRS + 1, &addr), -ENXIO);
	check_eq(attr_get(vm->gic, GRP_ADDR, ADDR_IRS + 1, &addr), -ENXIO);
	check_eq(attr_get(vm->gic, GRP_ADDR, ADDR_IRS, NULL), -EFAULT);
	check_eq(attr_get(vm->gic, GRP_ADDR, ADDR_IRS, &addr), 0);
	check_eq(addr, ~0ul);
	check_eq(attr_set(vm->gic, GRP_ADDR, ADDR_IRS, NULL), -EFAULT);
	check_eq(try_irs_addr(vm, 0x1000), -EINVAL);
	check_eq(try_irs_addr(vm, IRS_ADDR + 1), -EINVAL);
	check_eq(try_irs_addr(vm, BIT(52)), -E2BIG);
	check_eq(try_irs_addr(vm, BIT(40) - 0x10000), -E2BIG);
	check_eq(try_irs_addr(vm, ~0ul << 16), -E2BIG);
	check_eq(attr_get(vm->gic, GRP_ADDR, ADDR_IRS, &addr), 0);
	check_eq(addr, ~0ul);
	check_eq(try_irs_addr(vm, IRS_ADDR), 0);
	check_eq(attr_get(vm->gic, GRP_ADDR, ADDR_IRS, &addr), 0);
	check_eq(addr, IRS_ADDR);
	check_eq(try_irs_addr(vm, IRS_ADDR), -EEXIST);
	check_eq(try_irs_addr(vm, IRS_ADDR + IRS_SIZE), -EEXIST);
	gic_init(vm);
	vcpu_expect(vm->vcpu[0], EV_DONE);
}

static __guest void guest_idr5(u64 arg)
{
	event1(EV_USER, irs_read32(IRS_IDR5));
}

/* 0 is an address like any other; and it may come after CTRL_INIT */
static void addr_zero(long arg)
{
	struct vm *vm = vm_new();

	vcpu_new(vm, 0, 0, guest_nothing);
	gic_create(vm);
	check_eq(try_irs_addr(vm, 0), 0);
	gic_init(vm);
	vcpu_expect(vm->vcpu[0], EV_DONE);
}

/* The last place in 40 bits of address space; the next one is too far */
static void addr_last(long arg)
{
	struct vm *vm = vm_new();

	vcpu_new(vm, 0, 0, guest_nothing);
	gic_create(vm);
	check_eq(try_irs_addr(vm, BIT(40)), -E2BIG);
	check_eq(try_irs_addr(vm, BIT(40) - IRS_SIZE / 2), -E2BIG);
	check_eq(try_irs_addr(vm, BIT(40) - IRS_SIZE), 0);
	gic_init(vm);
	vcpu_expect(vm->vcpu[0], EV_DONE);
}

static void addr_after_init(long arg)
{
	struct vm *vm = vm_ready(1, guest_idr5);
	u32 spis = 64;

	check_eq(spi_line(vm, 0, 1), -EINVAL);
	check_eq(attr_set(vm->gic, GRP_NR_IRQS, 0, &spis), -EBUSY);
	check_eq(try_irs_addr(vm, IRS_ADDR), 0);
	check_eq(spi_line(vm, 0, 1), 0);
	check_eq(spi_line(vm, 31, 1), 0);
	check_eq(spi_line(vm, 32, 1), -EINVAL);
	vcpu_expect(vm->vcpu[0], EV_USER);
	check_eq(vm->vcpu[0]->g->a[0], 32);
	check_eq(try_irs_addr(vm, IRS_ADDR), -EEXIST);
}

/* A VM that has run without stays without */
static void addr_after_run(long arg)
{
	struct vm *vm = vm_ready(1, guest_nothing);

	vcpu_expect(vm->vcpu[0], EV_DONE);
	check_eq(try_irs_addr(vm, IRS_ADDR), -EBUSY);
	check_eq(spi_line(vm, 0, 1), -EINVAL);
	vcpu_expect(vm->vcpu[0], EV_DONE);
}

static void nr_irqs(long arg)
{
	static const u32 bad[] = { 0, 1, 31, 33, 1023, 1025, 1056, 0x80000000 };
	struct vm *vm = vm_new();
	u32 spis = 7;
	int i;

	gic_create(vm);
	check_eq(attr_has(vm->gic, GRP_NR_IRQS, 0), 0);
	check_eq(attr_has(vm->gic, GRP_NR_IRQS, 1), -ENXIO);
	check_eq(attr_set(vm->gic, GRP_NR_IRQS, 1, &spis), -ENXIO);
	check_eq(attr_get(vm->gic, GRP_NR_IRQS, 1, &spis), -ENXIO);
	check_eq(attr_get(vm->gic, GRP_NR_IRQS, 0, NULL), -EFAULT);
	check_eq(attr_get(vm->gic, GRP_NR_IRQS, 0, &spis), 0);
	check_eq(spis, 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		spis = bad[i];
		check_eq(attr_set(vm->gic, GRP_NR_IRQS, 0, &spis), -EINVAL);
	}
	check_eq(attr_set(vm->gic, GRP_NR_IRQS, 0, NULL), -EFAULT);
	spis = 1024;
	check_eq(attr_set(vm->gic, GRP_NR_IRQS, 0, &spis), 0);
	check_eq(attr_set(vm->gic, GRP_NR_IRQS, 0, &spis), -EBUSY);
	vcpu_new(vm, 0, 0, guest_idr5);
	check_eq(try_irs_addr(vm, IRS_ADDR), 0);
	check_eq(spi_line(vm, 0, 1), -EBUSY);
	gic_init(vm);
	check_eq(attr_set(vm->gic, GRP_NR_IRQS, 0, &spis), -EBUSY);
	check_eq(spi_line(vm, 1023, 1), 0);
	check_eq(spi_line(vm, 1024, 1), -EINVAL);
	vcpu_expect(vm->vcpu[0], EV_USER);
	check_eq(vm->vcpu[0]->g->a[0], 1024);
}

static void nr_irqs_default(long arg)
{
	struct vm *vm = vm_ready(1, guest_nothing);
	u32 spis = 0;

	check_eq(attr_get(vm->gic, GRP_NR_IRQS, 0, &spis), 0);
	check_eq(spis, 32);
}

/*
 * An IRS is for vCPUs: CTRL_INIT without one is an error as in Linux 7.4, once
 * there is an address. Without it is as in 7.1 to 7.3: see device.
 */
static void init_without_vcpus(long arg)
{
	struct vm *vm = vm_new();

	gic_create(vm);
	check_eq(try_irs_addr(vm, IRS_ADDR), 0);
	check_eq(try_gic_init(vm), -ENODEV);
	check_eq(spi_line(vm, 0, 1), -EBUSY);
	vcpu_new(vm, 0, 0, guest_idr5);
	check_eq(try_gic_init(vm), 0);
	check_eq(spi_line(vm, 0, 1), 0);
	vcpu_expect(vm->vcpu[0], EV_USER);
	check_eq(vm->vcpu[0]->g->a[0], 32);
}

/*
 * VMMs that find out what there is. As kvmtool does it: the device first, at once
 * its address, then vCPUs, and at the end how many SPIs its devices have taken.
 */
static __guest void guest_takes_spi(u64 arg)
{
	irs_guest_setup(0);
	irq_setup(SPI(63), 0x10, 0);
	irq_on();
	event(EV_USER);
	isb();
	guest_check(cpu()->reg[IRQ_COUNT] == 1, cpu()->reg[IRQ_COUNT], 0);
	guest_check(cpu()->reg[IRQ_LOG] == SPI(63), cpu()->reg[IRQ_LOG], 0);
}

static void vmm_device_first(long arg)
{
	struct vm *vm = vm_new();
	u32 spis = 64;

	require_eq(try_gic_test(vm), 0);
	gic_create(vm);
	require_eq(try_irs_addr(vm, 0x3fff0000 - IRS_SIZE), 0);
	vm_free(vm);

	vm = vm_new();
	gic_create(vm);
	require_eq(try_irs_addr(vm, IRS_ADDR), 0);
	vcpu_new(vm, 0, 0, guest_takes_spi);
	vcpu_new(vm, 1, POWER_OFF, guest_takes_spi);
	require_eq(attr_set(vm->gic, GRP_NR_IRQS, 0, &spis), 0);
	require_eq(try_gic_init(vm), 0);
	vcpu_expect(vm->vcpu[0], EV_USER);
	check_eq(spi_line(vm, 63, 1), 0);
	vcpu_expect(vm->vcpu[0], EV_DONE);
}

/* For Linux 7.1 to 7.3: vCPUs, device, CTRL_INIT; no address, and PPIs alone */
static __guest void guest_ppis_alone(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	irq_on();
	gic(GIC_CDEN, SPI(3));
	pend(SPI(3));
	guest_check(config_of(SPI(3)) & ICSR_F, config_of(SPI(3)), 0);
	guest_check(config_of(LPI(3)) & ICSR_F, config_of(LPI(3)), 0);
	event(EV_USER);
	isb();
	guest_check(cpu()->taken[SW_PPI] == 1, cpu()->taken[SW_PPI], 0);
	/* Where an IRS might be there is nothing: userspace is asked */
	irs_write32(IRS_CR0, IRS_CR0_IRSEN);
}

static void vmm_without_address(long arg)
{
	struct vm *vm = vm_ready(1, guest_ppis_alone);
	struct vcpu *v = vm->vcpu[0];

	vcpu_expect(v, EV_USER);
	check_eq(spi_line(vm, 3, 1), -EINVAL);
	check_eq(irq_line(vm, IRQ_LINE(KVM_ARM_IRQ_TYPE_PPI, 0, SW_PPI), 1), 0);
	require_eq(try_run(v), 0);
	check_eq(v->run->exit_reason, KVM_EXIT_MMIO);
	check_eq(v->run->mmio.phys_addr, IRS_ADDR + IRS_CR0);
}

/* Two in one place: the second VM's is its own */
static void two_vms(long arg)
{
	struct vm *a = vm_with_irs(1, 32, guest_idr5);
	struct vm *b = vm_with_irs(1, 96, guest_idr5);

	vcpu_expect(a->vcpu[0], EV_USER);
	vcpu_expect(b->vcpu[0], EV_USER);
	check_eq(a->vcpu[0]->g->a[0], 32);
	check_eq(b->vcpu[0]->g->a[0], 96);
}

static __guest void guest_ids(u64 arg)
{
	volatile struct guest_cpu *c = cpu();

	c->reg[0] = irs_read32(IRS_IDR0);
	c->reg[1] = irs_read32(IRS_IDR1);
	c->reg[2] = irs_read32(IRS_IDR2);
	c->reg[3] = irs_read32(0x000c);
	c->reg[4] = irs_read32(0x0010);
	c->reg[5] = irs_read32(IRS_IDR5);
	c->reg[6] = irs_read32(IRS_IDR6);
	c->reg[7] = irs_read32(IRS_IDR7);
	c->reg[8] = read_reg(ICC_IDR0);
	c->reg[9] = irs_read32(0xffbc);
	event(EV_USER);
}

/* G6, G7: as many bits as the largest id takes, and never none */
static void g6_g7_id_registers(long last)
{
	struct vm *vm = vm_new();
	volatile u64 *reg;
	int bits = 1;

	vcpu_new(vm, 0, 0, guest_ids);
	if (last)
		vcpu_new(vm, last, 0, guest_ids);
	gic_create(vm);
	require_eq(try_irs_addr(vm, IRS_ADDR), 0);
	if (irs_in_hw() && last > 255 && try_gic_init(vm) == -EINVAL)
		not_here("the host's IRS has fewer vCPU ids");
	gic_init(vm);
	vcpu_expect(vm->vcpu[0], EV_USER);
	reg = vm->vcpu[0]->g->reg;

	while (last >> bits)
		bits++;
	check_eq(reg[0] & ~0x3cul, 1);
	check_eq(reg[1] & 0xffff, last ? 2 : 1);
	check_eq(reg[1] >> 16 & 0xf, bits - 1);
	/* The IRS of a host may have fewer than its CPUs */
	if (irs_in_hw())
		check((reg[1] >> 20 & 7) >= 3 &&
		      (reg[1] >> 20 & 7) <= IDR0_PRI_BITS(reg[8]),
		      "%ld priority bits, less one",
		      (long)(reg[1] >> 20 & 7));
	else
		check_eq(reg[1] >> 20 & 7, IDR0_PRI_BITS(reg[8]));
	check_eq(reg[2], 16 | BIT(5) | 12 << 6);
	check_eq(reg[3], 0);
	check_eq(reg[4], 0);
	check_eq(reg[5], 32);
	check_eq(reg[6], 32);
	check_eq(reg[7], 0);
	check_eq(reg[9], 0x47705a19);
}

static __guest void guest_frame(u64 arg)
{
	guest_check(irs_read32(IRS_CR0) == IRS_CR0_IDLE, irs_read32(IRS_CR0), 0);
	irs_write32(IRS_CR0, IRS_CR0_IRSEN);
	guest_check(irs_read32(IRS_CR0) == (IRS_CR0_IDLE | IRS_CR0_IRSEN),
		    irs_read32(IRS_CR0), 0);
	irs_write32(IRS_CR1, 0x1234);
	guest_check(irs_read32(IRS_CR1) == 0x1234, irs_read32(IRS_CR1), 0);
	/* SPIs: one that exists, one that does not */
	irs_write32(IRS_SPI_SELR, 31);
	guest_check(irs_read32(IRS_SPI_STATUSR) == 3,
		    irs_read32(IRS_SPI_STATUSR), 0);
	irs_write32(IRS_SPI_CFGR, 1);
	guest_check(irs_read32(IRS_SPI_CFGR) == 1, irs_read32(IRS_SPI_CFGR), 0);
	irs_write32(IRS_SPI_SELR, 32);
	guest_check(irs_read32(IRS_SPI_STATUSR) == 1,
		    irs_read32(IRS_SPI_STATUSR), 0);
	irs_write32(IRS_SPI_CFGR, 1);
	guest_check(irs_read32(IRS_SPI_CFGR) == 0, irs_read32(IRS_SPI_CFGR), 0);
	irs_write32(IRS_SPI_SELR, 0xffffffff);
	guest_check(irs_read32(IRS_SPI_STATUSR) == 1,
		    irs_read32(IRS_SPI_STATUSR), 0);
	/* vCPUs, by their ids */
	irs_write32(IRS_PE_SELR, 0);
	guest_check((irs_read32(IRS_PE_STATUSR) & 3) == 3,
		    irs_read32(IRS_PE_STATUSR), 0);
	irs_write32(IRS_PE_SELR, 1);
	guest_check((irs_read32(IRS_PE_STATUSR) & 3) == 1,
		    irs_read32(IRS_PE_STATUSR), 0);
	irs_write32(IRS_PE_SELR, 3);
	guest_check((irs_read32(IRS_PE_STATUSR) & 3) == 3,
		    irs_read32(IRS_PE_STATUSR), 0);
	irs_write32(IRS_PE_SELR, 0xffff);
	guest_check((irs_read32(IRS_PE_STATUSR) & 3) == 1,
		    irs_read32(IRS_PE_STATUSR), 0);
	/* Another width, the SETLPI frame, and what is not there */
	guest_check(irs_read64(IRS_IDR0) == 0, irs_read64(IRS_IDR0), 0);
	guest_check(irs_read32(0x10000) == 0, irs_read32(0x10000), 0);
	irs_write32(0x10000, 1);
	guest_check(irs_read32(0x200) == 0, irs_read32(0x200), 0);
	irs_write64(0x200, ~0ul);
	guest_check(irs_read32(0x1fffc) == 0, irs_read32(0x1fffc), 0);
}

static void g5_frame(long arg)
{
	struct vm *vm = vm_new();

	vcpu_new(vm, 0, 0, guest_frame);
	vcpu_new(vm, 3, 0, guest_frame);
	gic_create(vm);
	require_eq(try_irs_addr(vm, IRS_ADDR), 0);
	gic_init(vm);
	vcpu_expect(vm->vcpu[1], EV_DONE);
}

/* G8, G9, G17: nothing changes while it is valid; halves; and again and again */
static __guest void guest_ist(u64 arg)
{
	u64 addr = 0x40000000;
	int i;

	guest_check(!irs_read64(IRS_IST_BASER), irs_read64(IRS_IST_BASER), 0);

	/* Too few bits, too many, two levels, 8 bytes: not valid */
	irs_write32(IRS_IST_CFGR, 11);
	irs_write64(IRS_IST_BASER, addr | IRS_IST_VALID);
	guest_check(!(irs_read64(IRS_IST_BASER) & IRS_IST_VALID), 11, 0);
	irs_write32(IRS_IST_CFGR, 17);
	irs_write64(IRS_IST_BASER, addr | IRS_IST_VALID);
	guest_check(!(irs_read64(IRS_IST_BASER) & IRS_IST_VALID), 17, 0);
	irs_write32(IRS_IST_CFGR, 12 | BIT(16));
	irs_write64(IRS_IST_BASER, addr | IRS_IST_VALID);
	guest_check(!(irs_read64(IRS_IST_BASER) & IRS_IST_VALID), 16, 0);
	irs_write32(IRS_IST_CFGR, 12 | BIT(7));
	irs_write64(IRS_IST_BASER, addr | IRS_IST_VALID);
	guest_check(!(irs_read64(IRS_IST_BASER) & IRS_IST_VALID), 7, 0);

	for (i = 0; i < 3; i++) {
		irs_write32(IRS_IST_CFGR, 12 + i);
		irs_write64(IRS_IST_BASER, addr | IRS_IST_VALID);
		guest_check(irs_read64(IRS_IST_BASER) == (addr | IRS_IST_VALID),
			    irs_read64(IRS_IST_BASER), i);
		irs_write32(IRS_IST_CFGR, 16);
		guest_check(irs_read32(IRS_IST_CFGR) == 12 + i,
			    irs_read32(IRS_IST_CFGR), i);
		irs_write64(IRS_IST_BASER, 0x80000000 | IRS_IST_VALID);
		guest_check(irs_read64(IRS_IST_BASER) == (addr | IRS_IST_VALID),
			    irs_read64(IRS_IST_BASER), i);
		guest_check(irs_read32(IRS_IST_STATUSR) == 1, 0, i);
		guest_check(!(config_of(LPI(BIT(12 + i) - 1)) & ICSR_F), 0, i);
		guest_check(config_of(LPI(BIT(12 + i))) & ICSR_F, 0, i);
		pend(LPI(i));
		irs_write64(IRS_IST_BASER, 0);
		guest_check(!(irs_read64(IRS_IST_BASER) & IRS_IST_VALID), 0, i);
		guest_check(config_of(LPI(0)) & ICSR_F, 0, i);
	}

	/* By halves, in both orders */
	irs_write32(IRS_IST_CFGR, 12);
	irs_write32(IRS_IST_BASER + 4, 1);
	irs_write32(IRS_IST_BASER, 0x40000000 | IRS_IST_VALID);
	guest_check(irs_read64(IRS_IST_BASER) == (0x140000000 | IRS_IST_VALID),
		    irs_read64(IRS_IST_BASER), 0);
	guest_check(irs_read32(IRS_IST_BASER + 4) == 1, 0, 0);
	irs_write32(IRS_IST_BASER, 0);
	guest_check(!(irs_read32(IRS_IST_BASER) & IRS_IST_VALID), 0, 0);
	irs_write32(IRS_IST_BASER, 0x40000000 | IRS_IST_VALID);
	irs_write32(IRS_IST_BASER + 4, 2);
	guest_check(irs_read32(IRS_IST_BASER + 4) == 1,
		    irs_read32(IRS_IST_BASER + 4), 0);
}

static void g8_g9_g17_g35_ist(long arg)
{
	struct vm *vm = vm_with_irs(1, 0, guest_ist);

	vcpu_expect(vm->vcpu[0], EV_DONE);
	vcpu_complete(vm->vcpu[0]);
	check_eq(vcpu_init(vm->vcpu[0], 0), 0);
	vcpu_entry(vm->vcpu[0], guest_ist, 0);
	/* G35: a guest that is reset finds it as it was at first */
	vcpu_expect(vm->vcpu[0], EV_DONE);
}

/* G4, G8: two vCPUs at the frame, a third one's interrupts, and user space */
static __guest void guest_toggle(u64 arg)
{
	u64 i;

	if (arg == 2) {
		irs_guest_setup_other(BIT(CNTV));
		irq_on();
		for (;;) {
			irq_setup(LPI(5), 0x10, 2);
			pend(LPI(5));
			cpu()->count++;
		}
	}

	gic_setup(0);
	for (i = 0; i < 200; i++) {
		if (arg) {
			irs_write32(IRS_IST_CFGR, 12 + i % 4);
			irs_write64(IRS_IST_BASER, IRS_IST_VALID);
			irs_write64(IRS_IST_BASER, 0);
		} else {
			irs_write32(IRS_CR0, i % 2);
		}
		cpu()->count = i;
	}
}

static void g4_g8_g10_toggle(long arg)
{
	struct vm *vm = vm_with_irs(3, 0, NULL);
	u64 addr;
	int i;

	for (i = 0; i < 3; i++) {
		vcpu_entry(vm->vcpu[i], guest_toggle, i);
		vcpu_start(vm->vcpu[i], i % host_cpus());
	}
	while (!vm->vcpu[0]->last_event || !vm->vcpu[1]->last_event) {
		check_eq(attr_get(vm->gic, GRP_ADDR, ADDR_IRS, &addr), 0);
		check_eq(addr, IRS_ADDR);
		spi_line(vm, 3, 1);
	}
	check_eq(vcpu_join(vm->vcpu[0]), EV_DONE);
	check_eq(vcpu_join(vm->vcpu[1]), EV_DONE);
	check(vm->vcpu[2]->g->count, "the third has done nothing");
	vcpu_stop(vm->vcpu[2]);
}

/* G29, G30: the end at each step of the way */
static void g29_ends(long arg)
{
	struct vm *vm;
	int i, step;

	for (i = 0; i < 10; i++) {
		for (step = 0; step < 5; step++) {
			vm = vm_new();
			gic_create(vm);
			if (step > 0)
				require_eq(try_irs_addr(vm, IRS_ADDR), 0);
			if (step > 1)
				vcpu_new(vm, 0, 0, guest_ist);
			if (step > 2)
				gic_init(vm);
			if (step > 3)
				vcpu_expect(vm->vcpu[0], EV_DONE);
			vm_free(vm);
		}
	}
}

KTAP_MAIN(need_irs, T(addr_attribute), T(addr_zero), T(addr_last),
	  T(addr_after_init), T(addr_after_run), T(nr_irqs), T(nr_irqs_default),
	  T(init_without_vcpus), T(vmm_device_first), T(vmm_without_address),
	  T(two_vms),
	  TA("g6_g7_id_registers_1", g6_g7_id_registers, 0),
	  TA("g6_g7_id_registers_2", g6_g7_id_registers, 1),
	  TA("g6_g7_id_registers_3", g6_g7_id_registers, 2),
	  TA("g6_g7_id_registers_17", g6_g7_id_registers, 17),
	  TA("g6_g7_id_registers_511", g6_g7_id_registers, 511),
	  T(g5_frame), T(g8_g9_g17_g35_ist), T(g4_g8_g10_toggle), T(g29_ends))
