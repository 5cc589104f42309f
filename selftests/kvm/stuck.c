// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host's IRS does not answer a command, or does nothing of it: whoever wanted it
 * gets an error, VMs that are there go on, new ones have their SPIs and LPIs in the
 * module, or with irs=hw an error; what the IRS may still have is never freed. Needs
 * a vgicv5.ko that hides the IRS, see selftests/kvm/variants/stuck.patch, loaded anew
 * for each test: module/stuck.sh does it.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/state.h"

#define PARAMETERS	"/sys/module/vgicv5/parameters/"
#define THE_SPI		5

static const char *need_stuck(void)
{
	const char *why = need_irs();

	if (!why && access(PARAMETERS "busy_at", W_OK))
		why = "no " PARAMETERS "busy_at (needs a module made for this test)";
	return why;
}

static bool only_hw(void)
{
	char text[8] = "";
	int fd = open(PARAMETERS "irs", O_RDONLY);

	require(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0, "irs: %m");
	close(fd);
	return !strncmp(text, "hw", 2);
}

/* The command that is not answered, or has no effect */
static void break_at(const char *command, bool busy)
{
	write_file(busy ? PARAMETERS "busy_at" : PARAMETERS "drop_at", command);
}

static int lost(void)
{
	const char *irs = debugfs_host("irs") ?: "", *n = strstr(irs, " VMs lost");

	require(n, "debugfs: irs: %s", irs);
	while (n > irs && n[-1] != ' ')
		n--;
	return atoi(n);
}

/* A guest that takes SPIs, and never ends; it has LPIs only if it can */
static __guest void guest_takes(u64 arg)
{
	irs_guest_setup_other(0);
	irs_write32(IRS_CR1, 0);
	irs_write32(IRS_CR0, IRS_CR0_IRSEN);
	irq_setup(SPI(THE_SPI), 0x10, 0);
	irs_guest_takes(false);
}

static void takes_an_spi(struct vm *vm)
{
	volatile struct guest_cpu *g = vm->vcpu[0]->g;
	u64 before;

	require(wait_for(g->phase == 1), "the guest does not start");
	before = g->reg[IRQ_COUNT];
	require_eq(spi_line(vm, THE_SPI, 1), 0);
	check(wait_for(g->reg[IRQ_COUNT] > before), "no SPI");
}

/* One that has been there before */
static struct vm *witness_new(void)
{
	struct vm *vm = vm_before_init(1, guest_takes);

	require_eq(try_gic_init(vm), 0);
	vcpu_start(vm->vcpu[0], -1);
	takes_an_spi(vm);
	return vm;
}

static void ends_well(struct vm *vm)
{
	takes_an_spi(vm);
	vcpu_stop(vm->vcpu[0]);
	vm_free(vm);
}

/* A new one, or @vm if that could not be before */
static void next_is_in_software(struct vm *vm)
{
	if (!vm)
		vm = vm_before_init(1, guest_takes);
	check_eq(try_gic_init(vm), only_hw() ? -EIO : 0);
	if (!only_hw()) {
		check(!irs_in_hw(), "irs: %s", debugfs_host("irs"));
		vcpu_start(vm->vcpu[0], -1);
		ends_well(vm);
	} else {
		vm_free(vm);
	}
}

/*
 * What the IRS knows is lost if it cannot be told any more to let go: VMs of which
 * @busy says that all commands for VMs and their tables wait for ever.
 */
static void all_gone(int nr_lost)
{
	check(wait_for(references() == 0), "references: %d", references());
	check_eq(lost(), nr_lost);
}

struct at {
	const char *command;
	bool busy;
	int lost;		/* of two VMs: one before, one with the fault */
};

static const struct at at_init[] = {
	{ "map_vm", true, 2 }, { "map_vpe", true, 2 }, { "map_spis", true, 2 },
	{ "select_vpe", true, 0 }, { "vpe_cr0", true, 0 }, { "doorbell", true, 0 },
	{ "map_vm", false, 0 }, { "map_vpe", false, 0 },
	{ "map_spis", false, 0 }, { "select_vpe", false, 0 },
	{ "doorbell", false, 0 },
};

static void init_fails(long n)
{
	const struct at *at = &at_init[n];
	struct vm *witness = witness_new(), *vm = vm_before_init(1, guest_takes);

	break_at(at->command, at->busy);
	require_eq(try_gic_init(vm), -EIO);
	next_is_in_software(vm);
	next_is_in_software(NULL);
	ends_well(witness);
	all_gone(at->lost);
}

/* The first VM, whose table of VMs the IRS does not know */
static void first_fails(long busy)
{
	struct vm *vm = vm_before_init(1, guest_takes);

	break_at("map_l2_vmt", busy);
	require_eq(try_gic_init(vm), -EIO);
	next_is_in_software(vm);
	next_is_in_software(NULL);
	all_gone(0);
}

/* A guest that switches LPIs on, or on and off, and finds what it has got */
static __guest void guest_maps(u64 unmap)
{
	irs_guest_setup_other(0);
	irs_write32(IRS_CR1, 0);
	irs_write32(IRS_CR0, IRS_CR0_IRSEN);
	irs_write32(IRS_IST_CFGR, IRS_LPI_BITS);
	irs_write64(IRS_IST_BASER, 0x40000000 | IRS_IST_VALID);
	cpu()->reg[0] = irs_read64(IRS_IST_BASER);
	cpu()->reg[1] = config_of(LPI(0));
	if (unmap) {
		event(EV_USER);
		irs_write64(IRS_IST_BASER, 0);
		cpu()->reg[0] = irs_read64(IRS_IST_BASER);
		cpu()->reg[1] = config_of(LPI(0));
		/* And again: it gets none */
		irs_write64(IRS_IST_BASER, 0x40000000 | IRS_IST_VALID);
		cpu()->reg[2] = irs_read64(IRS_IST_BASER);
	}
}

static void map_lpis_fails(long busy)
{
	struct vm *witness = witness_new(), *vm = vm_before_init(1, guest_takes);

	vcpu_entry(vm->vcpu[0], guest_maps, false);
	require_eq(try_gic_init(vm), 0);
	break_at("map_lpis", busy);
	vcpu_expect(vm->vcpu[0], EV_DONE);
	check_eq(vm->vcpu[0]->g->reg[0] & IRS_IST_VALID, 0);
	check_eq(vm->vcpu[0]->g->reg[1], ICSR_F);
	next_is_in_software(NULL);
	vm_free(vm);
	ends_well(witness);
	all_gone(busy ? 2 : 0);
}

static void unmap_lpis_fails(long busy)
{
	struct vm *witness = witness_new(), *vm = vm_before_init(1, guest_takes);

	vcpu_entry(vm->vcpu[0], guest_maps, true);
	require_eq(try_gic_init(vm), 0);
	vcpu_expect(vm->vcpu[0], EV_USER);
	check_eq(vm->vcpu[0]->g->reg[0] & IRS_IST_VALID, IRS_IST_VALID);
	check_eq(vm->vcpu[0]->g->reg[1] & ICSR_F, 0);
	break_at("unmap_lpis", busy);
	vcpu_expect(vm->vcpu[0], EV_DONE);
	check_eq(vm->vcpu[0]->g->reg[0] & IRS_IST_VALID, 0);
	check_eq(vm->vcpu[0]->g->reg[1], ICSR_F);
	check_eq(vm->vcpu[0]->g->reg[2] & IRS_IST_VALID, 0);
	next_is_in_software(NULL);
	vm_free(vm);
	ends_well(witness);
	all_gone(busy ? 2 : 0);
}

static void unmap_vm_fails(long busy)
{
	struct vm *witness = witness_new(), *vm = vm_before_init(1, guest_takes);

	require_eq(try_gic_init(vm), 0);
	break_at("unmap_vm", busy);
	vm_free(vm);
	check(wait_for(lost() == 1), "%d are lost", lost());
	next_is_in_software(NULL);
	ends_well(witness);
	all_gone(2);
}

/* It cannot be saved, but goes on */
static void save_fails(long unused)
{
	static struct image image;
	struct vm *witness = witness_new();

	vcpu_stop(witness->vcpu[0]);
	break_at("save_vm", true);
	image.nr_spis = 32;
	check_eq(get_ist(witness, &image), -EIO);
	vcpu_start(witness->vcpu[0], -1);
	next_is_in_software(NULL);
	ends_well(witness);
	all_gone(0);
}

KTAP_MAIN(need_stuck,
	  TA("busy_map_vm", init_fails, 0), TA("busy_map_vpe", init_fails, 1),
	  TA("busy_map_spis", init_fails, 2), TA("busy_select_vpe", init_fails, 3),
	  TA("busy_vpe_cr0", init_fails, 4), TA("busy_doorbell", init_fails, 5),
	  TA("drop_map_vm", init_fails, 6), TA("drop_map_vpe", init_fails, 7),
	  TA("drop_map_spis", init_fails, 8), TA("drop_select_vpe", init_fails, 9),
	  TA("drop_doorbell", init_fails, 10),
	  TA("busy_map_l2_vmt", first_fails, true),
	  TA("drop_map_l2_vmt", first_fails, false),
	  TA("busy_map_lpis", map_lpis_fails, true),
	  TA("drop_map_lpis", map_lpis_fails, false),
	  TA("busy_unmap_lpis", unmap_lpis_fails, true),
	  TA("drop_unmap_lpis", unmap_lpis_fails, false),
	  TA("busy_unmap_vm", unmap_vm_fails, true),
	  TA("drop_unmap_vm", unmap_vm_fails, false),
	  T(save_fails))
