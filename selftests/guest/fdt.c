// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device tree of the guest, as Linux' bindings have it: arm,gic-v5.yaml,
 * arm,gic-v5-irs.yaml, psci.yaml, virtio/mmio.yaml, serial/pl011.yaml.
 */
#include <endian.h>
#include <libfdt.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "../kvm/lib/uapi.h"
#include "vmm.h"

/* Interrupt specifiers: a type, a number, flags; a GICv3 counts PPIs from INTID 16 on */
#define FDT_PPI			1
#define FDT_SPI			3
#define FDT_GICV3_SPI		0
#define FDT_EDGE		1
#define FDT_LEVEL		4

enum {
	NO_PHANDLE,
	PHANDLE_GIC,
	PHANDLE_CLOCK,
	PHANDLE_CPU,			/* and the next ones */
};

#define HI(x)			((u32)((u64)(x) >> 32))
#define LO(x)			((u32)(x))

static void ok(int ret)
{
	if (ret < 0)
		die("device tree: %s", fdt_strerror(ret));
}

void fdt_prop_cells(void *fdt, const char *name, const u32 *cells,
		    unsigned int nr)
{
	u32 be[32];
	unsigned int i;

	if (nr > ARRAY_SIZE(be))
		die("device tree: %u cells", nr);
	for (i = 0; i < nr; i++)
		be[i] = htobe32(cells[i]);
	ok(fdt_property(fdt, name, be, nr * sizeof(*be)));
}

#define CELLS(fdt, name, ...) do {					\
	const u32 __cells[] = { __VA_ARGS__ };				\
	fdt_prop_cells(fdt, name, __cells, ARRAY_SIZE(__cells));	\
} while (0)

void fdt_prop_string(void *fdt, const char *name, const char *string)
{
	ok(fdt_property_string(fdt, name, string));
}

/* A list of strings, each with its end; that of the last one is not in @size */
void fdt_prop_strings(void *fdt, const char *name, const char *strings,
		      size_t size)
{
	ok(fdt_property(fdt, name, strings, size));
}

static void empty(void *fdt, const char *name)
{
	ok(fdt_property(fdt, name, NULL, 0));
}

static void begin(void *fdt, const char *name)
{
	ok(fdt_begin_node(fdt, name));
}

static void begin_at(void *fdt, const char *name, u64 at)
{
	char full[64];

	snprintf(full, sizeof(full), "%s@%lx", name, (unsigned long)at);
	begin(fdt, full);
}

static void end(void *fdt)
{
	ok(fdt_end_node(fdt));
}

u32 fdt_clock(void)
{
	return PHANDLE_CLOCK;
}

/* Begins the node, the caller ends it with what is its own. */
void fdt_device(void *fdt, const char *name, u64 base, const char *compatible,
		u32 spi, bool level)
{
	begin_at(fdt, name, base);
	if (compatible)
		fdt_prop_string(fdt, "compatible", compatible);
	CELLS(fdt, "reg", HI(base), LO(base), 0, 0x1000);
	CELLS(fdt, "interrupts", options.gicv3 ? FDT_GICV3_SPI : FDT_SPI, spi,
	      level ? FDT_LEVEL : FDT_EDGE);
}

static void add_chosen(void *fdt, u64 initrd_start, u64 initrd_end,
		       unsigned int boot)
{
	char args[2048], uart[32];
	u8 seed[64];

	/* The guest's init has it in its environment. */
	snprintf(args, sizeof(args), "%s boot=%u", options.append, boot);
	snprintf(uart, sizeof(uart), "/serial@%lx", (unsigned long)UART_BASE);
	if (getrandom(seed, sizeof(seed), 0) != sizeof(seed))
		die("getrandom: %m");

	begin(fdt, "chosen");
	fdt_prop_string(fdt, "bootargs", args);
	fdt_prop_string(fdt, "stdout-path", uart);
	ok(fdt_property(fdt, "rng-seed", seed, sizeof(seed)));
	if (initrd_start) {
		ok(fdt_property_u64(fdt, "linux,initrd-start", initrd_start));
		ok(fdt_property_u64(fdt, "linux,initrd-end", initrd_end));
	}
	end(fdt);
}

static void add_cpus(void *fdt)
{
	unsigned int i;

	begin(fdt, "cpus");
	CELLS(fdt, "#address-cells", 2);
	CELLS(fdt, "#size-cells", 0);
	for (i = 0; i < nr_vcpus; i++) {
		begin_at(fdt, "cpu", vcpus[i].mpidr);
		fdt_prop_string(fdt, "device_type", "cpu");
		fdt_prop_string(fdt, "compatible", "arm,armv8");
		fdt_prop_string(fdt, "enable-method", "psci");
		CELLS(fdt, "reg", HI(vcpus[i].mpidr), LO(vcpus[i].mpidr));
		CELLS(fdt, "phandle", PHANDLE_CPU + i);
		end(fdt);
	}
	end(fdt);
}

static void add_gicv5(void *fdt)
{
	static const char names[] = "ns-config\0ns-setlpi";
	u32 handles[MAX_VCPUS];
	u16 iaffids[MAX_VCPUS];
	unsigned int i;

	for (i = 0; i < nr_vcpus; i++) {
		handles[i] = PHANDLE_CPU + i;
		iaffids[i] = htobe16(vcpus[i].id);
	}
	begin(fdt, "interrupt-controller");
	fdt_prop_string(fdt, "compatible", "arm,gic-v5");
	empty(fdt, "interrupt-controller");
	CELLS(fdt, "#interrupt-cells", 3);
	CELLS(fdt, "#address-cells", 2);
	CELLS(fdt, "#size-cells", 2);
	empty(fdt, "ranges");
	CELLS(fdt, "phandle", PHANDLE_GIC);

	begin_at(fdt, "irs", IRS_BASE);
	fdt_prop_string(fdt, "compatible", "arm,gic-v5-irs");
	CELLS(fdt, "reg", HI(IRS_BASE), LO(IRS_BASE), 0, IRS_SIZE / 2,
	      HI(IRS_BASE), LO(IRS_BASE + IRS_SIZE / 2), 0, IRS_SIZE / 2);
	fdt_prop_strings(fdt, "reg-names", names, sizeof(names));
	CELLS(fdt, "#address-cells", 2);
	CELLS(fdt, "#size-cells", 2);
	empty(fdt, "ranges");
	fdt_prop_cells(fdt, "cpus", handles, nr_vcpus);
	ok(fdt_property(fdt, "arm,iaffids", iaffids,
			nr_vcpus * sizeof(*iaffids)));
	end(fdt);
	end(fdt);
}

static void add_gicv3(void *fdt)
{
	begin_at(fdt, "interrupt-controller", DIST_BASE);
	fdt_prop_string(fdt, "compatible", "arm,gic-v3");
	empty(fdt, "interrupt-controller");
	CELLS(fdt, "#interrupt-cells", 3);
	CELLS(fdt, "reg", HI(DIST_BASE), LO(DIST_BASE), 0, 0x10000,
	      HI(REDIST_BASE), LO(REDIST_BASE), 0, MAX_VCPUS * REDIST_SIZE);
	CELLS(fdt, "phandle", PHANDLE_GIC);
	end(fdt);
}

static u32 ppi(u32 number)
{
	return options.gicv3 ? number - 16 : number;
}

static void add_timer(void *fdt)
{
	/* Of the secure world, of EL1, virtual, of EL2, of EL2 virtual */
	begin(fdt, "timer");
	fdt_prop_string(fdt, "compatible", "arm,armv8-timer");
	CELLS(fdt, "interrupts",
	      FDT_PPI, ppi(29), FDT_LEVEL, FDT_PPI, ppi(CNTP), FDT_LEVEL,
	      FDT_PPI, ppi(CNTV), FDT_LEVEL, FDT_PPI, ppi(CNTHP), FDT_LEVEL,
	      FDT_PPI, ppi(CNTHV), FDT_LEVEL);
	empty(fdt, "always-on");
	end(fdt);
}

static void add_pmu(void *fdt)
{
	begin(fdt, "pmu");
	fdt_prop_string(fdt, "compatible", "arm,armv8-pmuv3");
	CELLS(fdt, "interrupts", FDT_PPI, ppi(PMUIRQ), FDT_LEVEL);
	end(fdt);
}

static void add_psci(void *fdt)
{
	static const char compatible[] = "arm,psci-1.0\0arm,psci-0.2";

	begin(fdt, "psci");
	fdt_prop_strings(fdt, "compatible", compatible, sizeof(compatible));
	fdt_prop_string(fdt, "method", "hvc");
	end(fdt);
}

static void add_clock(void *fdt)
{
	begin(fdt, "clock");
	fdt_prop_string(fdt, "compatible", "fixed-clock");
	CELLS(fdt, "#clock-cells", 0);
	CELLS(fdt, "clock-frequency", 24000000);
	CELLS(fdt, "phandle", PHANDLE_CLOCK);
	end(fdt);
}

void make_fdt(void *fdt, size_t size, u64 initrd_start, u64 initrd_end,
	      unsigned int boot)
{
	unsigned int i;

	ok(fdt_create(fdt, size));
	ok(fdt_finish_reservemap(fdt));
	begin(fdt, "");
	fdt_prop_string(fdt, "compatible", "linux,dummy-virt");
	fdt_prop_string(fdt, "model", "vgicv5 selftest");
	CELLS(fdt, "interrupt-parent", PHANDLE_GIC);
	CELLS(fdt, "#address-cells", 2);
	CELLS(fdt, "#size-cells", 2);
	add_chosen(fdt, initrd_start, initrd_end, boot);
	begin_at(fdt, "memory", RAM_BASE);
	fdt_prop_string(fdt, "device_type", "memory");
	CELLS(fdt, "reg", HI(RAM_BASE), LO(RAM_BASE),
	      HI(options.mem_size), LO(options.mem_size));
	end(fdt);
	add_cpus(fdt);
	add_psci(fdt);
	if (options.gicv3)
		add_gicv3(fdt);
	else
		add_gicv5(fdt);
	add_timer(fdt);
	if (options.pmu)
		add_pmu(fdt);
	add_clock(fdt);
	for (i = 0; i < nr_devices; i++) {
		devices[i]->node(devices[i], fdt);
		end(fdt);
	}
	end(fdt);
	ok(fdt_finish(fdt));
}
