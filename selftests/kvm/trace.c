// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module's tracepoints, as a person with perf or trace-cmd uses them: they
 * are there, their fields have names, and what they say is what happened.
 * Skipped where there are none (in-tree, or a kernel without tracing).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "lib/irs.h"

#define EV_STEP		EV_USER
#define TRACING		"/sys/kernel/tracing"
#define EVENTS		TRACING "/events/vgicv5"

static const char *need_trace(void)
{
	const char *why = need_vgic();

	if (why)
		return why;
	if (access(TRACING "/events", F_OK))
		mount("tracefs", TRACING, "tracefs", 0, NULL);
	if (access(TRACING "/events", F_OK))
		return "no " TRACING " (a kernel without event tracing?)";
	if (access(EVENTS, F_OK))
		return "no " EVENTS " (vgicv5.ko not in use)";
	return NULL;
}

static char *read_file(const char *path)
{
	size_t size = 0, n, room = 1 << 20;
	char *text = malloc(room);
	FILE *f = fopen(path, "r");

	require(f, "%s: %m", path);
	while ((n = fread(text + size, 1, room - size - 1, f)) > 0)
		size += n;
	fclose(f);
	text[size] = 0;
	return text;
}

static void trace_on(const char *event)
{
	char path[128];

	write_file(TRACING "/tracing_on", "0");
	write_file(EVENTS "/enable", "0");
	write_file(TRACING "/trace", "");
	snprintf(path, sizeof(path), EVENTS "/%s%senable", event,
		 *event ? "/" : "");
	write_file(path, "1");
	write_file(TRACING "/tracing_on", "1");
}

/* All that was traced, and tracing is off again. */
static char *trace_off(void)
{
	write_file(TRACING "/tracing_on", "0");
	write_file(EVENTS "/enable", "0");
	return read_file(TRACING "/trace");
}

/* Lines of an event whose text after "event: " begins with @start. */
static int lines(const char *text, const char *event, const char *start)
{
	char want[256];
	const char *p;
	int n = 0;

	snprintf(want, sizeof(want), " %s: %s", event, start);
	for (p = text; (p = strstr(p, want)); p++)
		n++;
	return n;
}

static void is_traced(const char *text, int nr, const char *event,
		      const char *start)
{
	int n = lines(text, event, start);

	check(n == nr, "%d lines, not %d: %s: %s", n, nr, event, start);
}

/* What perf and trace-cmd know a tracepoint by. */
static void formats(long arg)
{
	static const struct { const char *event, *fields; } events[] = {
		{ "vgicv5_expose", "vcpu exposed" },
		{ "vgicv5_load", "vcpu enabled direct" },
		{ "vgicv5_put", "vcpu latch active apr pcr en" },
		{ "vgicv5_inject", "vcpu ppi level kick" },
		{ "vgicv5_flush", "vcpu set clear" },
		{ "vgicv5_trap", "vcpu reg val write ret" },
		{ "vgicv5_pending", "vcpu self pending" },
		{ "vgicv5_frame", "vcpu offset val len write" },
		{ "vgicv5_spi", "spi level kick" },
		{ "vgicv5_signal", "vcpu signal" },
		{ "vgicv5_vpe_enter", "vm vpe irsen refused" },
		{ "vgicv5_vpe_leave", "vm vpe doorbell" },
		{ "vgicv5_doorbell", "vcpu irq" },
		{ "vgicv5_irs_command", "command vm vpe ret" },
	};
	char path[128], fields[128], want[64], *text, *f;
	int i;

	for (i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		snprintf(path, sizeof(path), EVENTS "/%s/format",
			 events[i].event);
		if (!check(!access(path, R_OK), "no %s", path))
			continue;
		text = read_file(path);
		strcpy(fields, events[i].fields);
		for (f = strtok(fields, " "); f; f = strtok(NULL, " ")) {
			snprintf(want, sizeof(want), " %s;", f);
			if (!strstr(text, want)) {
				/* An array: "u64 set[2];" */
				snprintf(want, sizeof(want), " %s[", f);
				check(strstr(text, want), "%s: no field %s",
				      events[i].event, f);
			}
		}
		free(text);
	}
}

static __guest void guest_takes(u64 arg)
{
	gic_setup(BIT(SW_PPI) | BIT(CNTV));
	event(EV_STEP);
	irq_on();
	isb();
	event(EV_STEP);
}

/* Everything at once: one guest that takes one SW_PPI. */
static void one_interrupt(long arg)
{
	struct vm *vm = vm_ready(1, guest_takes);
	struct vcpu *vcpu = vm->vcpu[0];
	char *text;

	trace_on("");
	vcpu_expect(vcpu, EV_STEP);
	sw_ppi(vcpu);
	sw_ppi(vcpu);
	check_eq(irq_line(vm, IRQ_LINE(KVM_ARM_IRQ_TYPE_PPI, 0, SW_PPI), 0), 0);
	vcpu_expect(vcpu, EV_STEP);
	check_eq(vcpu->g->taken[SW_PPI], 1);
	text = trace_off();

	is_traced(text, 1, "vgicv5_expose",
		  "vcpu 0 exposed=0000000000000000:0000000048000008\n");
	/* The vCPU is in user space; and the second one has coalesced. */
	is_traced(text, 2, "vgicv5_inject", "vcpu 0 ppi 3 level=1 kick=0\n");
	is_traced(text, 1, "vgicv5_inject", "vcpu 0 ppi 3 level=0 kick=0\n");
	check(lines(text, "vgicv5_load", "vcpu 0 enabled=0000000000000000:"
		    "0000000000000000 direct=0000000000000000:"
		    "0000000048000000\n") >= 1, "first load");
	check(lines(text, "vgicv5_load", "vcpu 0 enabled=0000000000000000:"
		    "0000000008000008 direct=0000000000000000:"
		    "0000000048000000\n") >= 1, "second load");
	check(lines(text, "vgicv5_put", "vcpu 0 latch=0000000000000000:"
		    "0000000000000000 active=0000000000000000:"
		    "0000000000000000 apr=00000000 pcr=31 en=1\n") +
	      lines(text, "vgicv5_put", "vcpu 0 latch=0000000000000000:"
		    "0000000000000000 active=0000000000000000:"
		    "0000000000000000 apr=00000000 pcr=30 en=1\n") >= 1,
	      "put");
	/* gic_setup() writes ENABLER once for each bank. */
	is_traced(text, 1, "vgicv5_trap", "vcpu 0 write s3_0_c12_c10_6 "
		  "val=8000008\n");
	is_traced(text, 1, "vgicv5_trap", "vcpu 0 write s3_0_c12_c10_7 "
		  "val=0\n");
	free(text);
}

/* F7 and F18: what is exposed is fixed once, not whenever a vCPU runs. */
static void *run_thread(void *arg)
{
	return (void *)vcpu_next(arg, WAIT_MS);
}

static __guest void guest_steps(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	for (;;)
		event(EV_STEP);
}

static void f7_f18_first_run_once(long arg)
{
	struct vm *vm = vm_ready(4, guest_steps);
	pthread_t thread;
	char *text;
	int i, round;
	void *ev;

	trace_on("vgicv5_expose");
	for (round = 0; round < 3; round++) {
		for (i = 3; i >= 0; i--) {
			/* Another thread each time: KVM looks at that. */
			pthread_create(&thread, NULL, run_thread, vm->vcpu[i]);
			pthread_join(thread, &ev);
			check_eq(ev, EV_STEP);
		}
	}
	text = trace_off();
	is_traced(text, 1, "vgicv5_expose", "");
	is_traced(text, 1, "vgicv5_expose", "vcpu 3 ");
	free(text);
}

/* O6: a disabled PPI, and one that is lowered, kick nobody. */
static __guest void guest_disabled(u64 arg)
{
	gic_setup(BIT(CNTV));
	event(EV_STEP);
}

static void o6_no_kick(long arg)
{
	struct vm *vm = vm_ready(1, guest_disabled);
	struct vcpu *vcpu = vm->vcpu[0];
	char *text;

	vcpu_expect(vcpu, EV_STEP);
	trace_on("vgicv5_inject");
	sw_ppi(vcpu);
	text = trace_off();
	is_traced(text, 1, "vgicv5_inject", "vcpu 0 ppi 3 level=1 kick=0\n");
	is_traced(text, 1, "vgicv5_inject", "");
	free(text);
}

/* What is undefined says so; a flush without anything new is not shown. */
static __guest void guest_undefined(u64 arg)
{
	guest_check(undef(write_reg(ICC_IDR0, 0)), 0, 0);
	guest_check(!undef(gic(GIC_CDEN, PPI_INTID(SW_PPI))), 0, 0);
	cpu()->reg[0] = read_reg(ICC_IDR0);
	event(EV_STEP);
	event(EV_STEP);
}

static void traps(long arg)
{
	struct vm *vm = vm_ready(1, guest_undefined);
	char *text, line[64];

	trace_on("");
	vcpu_expect(vm->vcpu[0], EV_STEP);
	vcpu_expect(vm->vcpu[0], EV_STEP);
	text = trace_off();
	/* The architecture says UNDEFINED before anything can trap. */
	is_traced(text, 0, "vgicv5_trap", "vcpu 0 write s3_0_c12_c10_2");
	snprintf(line, sizeof(line), "vcpu 0 read s3_0_c12_c10_2 val=%lx\n",
		 vm->vcpu[0]->g->reg[0]);
	is_traced(text, 1, "vgicv5_trap", line);
	is_traced(text, 1, "vgicv5_trap", "vcpu 0 write s1_0_c12_c1_1 "
		  "val=20000003\n");
	is_traced(text, 0, "vgicv5_flush", "");
	free(text);
}

/* What a guest does with its IRS, and what it is told */
static __guest void guest_irs(u64 arg)
{
	gic_setup(0);
	irs_write32(IRS_CR0, IRS_CR0_IRSEN);
	cpu()->reg[0] = irs_read32(IRS_IDR5);
	irs_write32(IRS_IST_CFGR, IRS_LPI_BITS);
	irs_write64(IRS_IST_BASER, 0x40000000 | IRS_IST_VALID);
	irq_setup(SPI(9), 0x10, 0);
	irq_setup(LPI(5), 0x10, 0);
	event(EV_STEP);
	cpu()->reg[1] = gic_ack();
	pend(LPI(5));
	gic_eoi();
	gic_deactivate(cpu()->reg[1]);
	cpu()->reg[2] = gic_ack();
	gic_eoi();
	gic_deactivate(cpu()->reg[2]);
	event(EV_STEP);
}

static void irs(long arg)
{
	struct vm *vm = vm_with_irs(1, 0, guest_irs);
	struct vcpu *vcpu = vm->vcpu[0];
	char *text;

	if (irs_in_hw())
		not_here("SPIs and LPIs are in the host's IRS, and do not trap");
	trace_on("");
	vcpu_expect(vcpu, EV_STEP);
	check_eq(spi_line(vm, 9, 1), 0);
	check_eq(spi_line(vm, 9, 0), 0);
	vcpu_expect(vcpu, EV_STEP);
	text = trace_off();
	check_eq(vcpu->g->reg[1], CDIA_VALID | SPI(9));
	check_eq(vcpu->g->reg[2], CDIA_VALID | LPI(5));

	is_traced(text, 1, "vgicv5_frame", "vcpu 0 write32 00080 val=1\n");
	is_traced(text, 1, "vgicv5_frame", "vcpu 0 read32 00014 val=20\n");
	is_traced(text, 1, "vgicv5_frame", "vcpu 0 write64 00180 val=40000001\n");
	is_traced(text, 4, "vgicv5_frame", "vcpu 0 ");
	/* It is in user space */
	is_traced(text, 1, "vgicv5_spi", "spi 9 level=1 kick=0\n");
	is_traced(text, 1, "vgicv5_spi", "spi 9 level=0 kick=0\n");
	/* CDPRI, CDPEND, CDIA twice, CDEOI of the first, CDDI twice */
	is_traced(text, 1, "vgicv5_trap", "vcpu 0 write s1_0_c12_c1_2 "
		  "val=8060000009\n");
	is_traced(text, 1, "vgicv5_trap", "vcpu 0 write s1_0_c12_c1_4 "
		  "val=140000005\n");
	is_traced(text, 1, "vgicv5_trap", "vcpu 0 read s1_0_c12_c3_0 "
		  "val=160000009\n");
	is_traced(text, 1, "vgicv5_trap", "vcpu 0 read s1_0_c12_c3_0 "
		  "val=140000005\n");
	is_traced(text, 1, "vgicv5_trap", "vcpu 0 write s1_0_c12_c1_7 ");
	is_traced(text, 2, "vgicv5_trap", "vcpu 0 write s1_0_c12_c2_0 ");
	check(lines(text, "vgicv5_signal", "vcpu 0 VI masks\n") >= 1,
	      "the SPI is not signalled");
	check(lines(text, "vgicv5_signal", "vcpu 0 CDDI\n") >= 2,
	      "CDDI does not trap");
	/* Of equal priority: it waits for CDEOI */
	check(lines(text, "vgicv5_signal", "vcpu 0 masks CDEOI CDDI\n") >= 1,
	      "the LPI is not held back");
	check(lines(text, "vgicv5_signal", "vcpu 0\n") >= 1,
	      "it is not told of the end");
	free(text);
}

/* In the host's IRS: what that is told, who is there, and who was rung for */
static __guest void guest_sleeps(u64 arg)
{
	event(EV_STEP);
	irs_guest_setup(0);
	irq_setup(SPI(9), 0x10, 0);
	write_reg(ICC_PCR, 20);
	isb();
	cpu()->phase = 1;
	wfi();
	cpu()->reg[0] = gic_ack();
	gic_eoi();
	gic_deactivate(cpu()->reg[0]);
}

/* The number behind @start in the first such line of an event, or -1 */
static int number(const char *text, const char *start)
{
	const char *p = strstr(text, start);

	return p ? atoi(p + strlen(start)) : -1;
}

static void irs_hw(long arg)
{
	struct vcpu *vcpu;
	char *text, line[64];
	struct vm *vm;
	int nr;

	if (!irs_in_hw())
		not_here("SPIs and LPIs are in the module");
	trace_on("");
	vm = vm_with_irs(2, 0, guest_sleeps);
	vcpu = vm->vcpu[1];
	vcpu_expect(vcpu, EV_STEP);
	vm_free(vm);
	vm = vm_with_irs(2, 0, guest_sleeps);
	vcpu = vm->vcpu[0];
	vcpu_expect(vcpu, EV_STEP);
	companion_start(0);
	vcpu_start(vcpu, 0);
	require(wait_for(vcpu->g->phase == 1 && vcpu_sleeps(vcpu)),
		"it does not sleep in WFI");
	check_eq(spi_line(vm, 9, 1), 0);
	check_eq(vcpu_join(vcpu), EV_DONE);
	check_eq(vcpu->g->reg[0], CDIA_VALID | SPI(9));
	text = trace_off();

	nr = number(text, "vgicv5_irs_command: map_vm vm=");
	require(nr >= 0, "no VM is mapped");
#define IS_TRACED(nr_lines, event, ...)					\
	do {								\
		snprintf(line, sizeof(line), __VA_ARGS__);		\
		is_traced(text, nr_lines, event, line);			\
	} while (0)
	/* Both have the same number, one after the other */
	IS_TRACED(2, "vgicv5_irs_command", "map_vm vm=%d vpe=-1 ret=0\n", nr);
	IS_TRACED(2, "vgicv5_irs_command", "map_vpe vm=%d vpe=0 ret=0\n", nr);
	IS_TRACED(2, "vgicv5_irs_command", "map_vpe vm=%d vpe=1 ret=0\n", nr);
	IS_TRACED(2, "vgicv5_irs_command", "set_doorbell vm=%d vpe=1 ret=0\n",
		  nr);
	IS_TRACED(2, "vgicv5_irs_command", "map_spis vm=%d vpe=-1 ret=0\n", nr);
	IS_TRACED(1, "vgicv5_irs_command", "map_lpis vm=%d vpe=-1 ret=0\n", nr);
	IS_TRACED(1, "vgicv5_irs_command", "unmap_vm vm=%d vpe=-1 ret=0\n", nr);
	is_traced(text, 1, "vgicv5_spi", "spi 9 level=1 kick=0\n");
	/* vCPU 1 is that of the first VM, whose IRS was never on */
	snprintf(line, sizeof(line), "vm %d vpe 1 irsen=0 refused=0\n", nr);
	check(lines(text, "vgicv5_vpe_enter", line) >= 1, "%s", line);
	snprintf(line, sizeof(line), "vm %d vpe 1 irsen=1", nr);
	check(!lines(text, "vgicv5_vpe_enter", line), "%s", line);
	snprintf(line, sizeof(line), "vm %d vpe 1 doorbell=-1\n", nr);
	check(lines(text, "vgicv5_vpe_leave", line) >= 1, "%s", line);
	snprintf(line, sizeof(line), "vm %d vpe 0 irsen=1 refused=0\n", nr);
	check(lines(text, "vgicv5_vpe_enter", line) >= 1, "%s", line);
	/* The mask lets an equal one through */
	snprintf(line, sizeof(line), "vm %d vpe 0 doorbell=20\n", nr);
	check(lines(text, "vgicv5_vpe_leave", line) >= 1, "%s", line);
	check_eq(lines(text, "vgicv5_vpe_leave", ""),
		 lines(text, "vgicv5_vpe_enter", ""));
	/* The machine may ring once more than it was asked */
	nr = lines(text, "vgicv5_doorbell", "vcpu 0 irq ");
	check(nr == 1 || nr == 2, "%d doorbells", nr);
	check_eq(lines(text, "vgicv5_doorbell", ""), nr);
	free(text);
}

/* A vCPU in WFI: KVM asks, and the answer ends it. */
static __guest void guest_waits(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	cpu()->phase = 1;
	wfi_until(SW_PPI, 1);
}

static void pending(long arg)
{
	struct vm *vm = vm_ready(1, guest_waits);
	struct vcpu *vcpu = vm->vcpu[0];
	char *text;

	companion_start(0);
	trace_on("");
	vcpu_start(vcpu, 0);
	require(wait_for(vcpu->g->phase == 1 && vcpu_sleeps(vcpu)),
		"it does not sleep in WFI");
	sw_ppi(vcpu);
	check_eq(vcpu_join(vcpu), EV_DONE);
	text = trace_off();
	check(lines(text, "vgicv5_pending", "vcpu 0 self=1 pending=0\n"),
	      "no question before");
	check(lines(text, "vgicv5_pending", "vcpu 0 self=1 pending=1\n"),
	      "no question after");
	free(text);
}

/* An edge for a vCPU that runs, and is loaded: flushed when it comes by. */
static __guest void guest_spins(u64 arg)
{
	gic_setup(BIT(SW_PPI));
	irq_on();
	cpu()->phase = 1;
	for (;;)
		cpu()->count++;
}

/* It may have been put and loaded anew in between: then the load has it. */
static void flush(long arg)
{
	struct vm *vm = vm_ready(1, guest_spins);
	struct vcpu *vcpu = vm->vcpu[0];
	const char *mode = debugfs_host("mode");
	int i, flushed = 0, kicks = 0, kick;
	char *text;

	if (mode && strcmp(mode, "resident"))
		not_here("each entry is one, in conservative mode");
	if (host_cpus() < 2)
		not_here("needs two CPUs");
	pin_to(0);
	vcpu_start(vcpu, 1);
	require(wait_for(vcpu->g->phase == 1), "guest does not start");
	for (i = 1; i <= 50 && !flushed; i++) {
		trace_on("");
		sw_ppi(vcpu);
		check(wait_for(vcpu->g->taken[SW_PPI] == i), "not taken");
		text = trace_off();
		kick = lines(text, "vgicv5_inject",
			     "vcpu 0 ppi 3 level=1 kick=1\n");
		/* Not resident: the host has taken its CPU away */
		is_traced(text, 1 - kick, "vgicv5_inject",
			  "vcpu 0 ppi 3 level=1 kick=0\n");
		kicks += kick;
		flushed = lines(text, "vgicv5_flush",
				"vcpu 0 set=0000000000000000:0000000000000008 "
				"clear=0000000000000000:0000000000000000\n");
		check_eq(lines(text, "vgicv5_flush", ""), flushed);
		free(text);
	}
	check(flushed == 1, "%d lines for a flush", flushed);
	check(kicks, "never kicked");
	vcpu_stop(vcpu);
}

KTAP_MAIN(need_trace,
	  T(formats), T(one_interrupt), T(f7_f18_first_run_once),
	  T(o6_no_kick), T(traps), T(irs), T(irs_hw), T(pending), T(flush))
