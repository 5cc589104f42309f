// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest in a file: all that it takes to let it go on in another VM, maybe of
 * another kernel. A header, and in this order, each piece padded to 8 bytes:
 * registers and state of each vCPU, the vGICv5, the devices, memory, counters.
 *
 * It is read in the order that restoring it takes; see README.md. The header is
 * written last, so that a file that is not complete is none.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../../include/vgicv5/uapi.h"
#include "../kvm/lib/uapi.h"
#include "vmm.h"

#define PAGE			4096ul
#define MAX_REGS		2048
#define MAX_REG_SIZE		2048

/* What is asked of a guest before a VM is made for it, and of the file */
static struct header {
	char magic[16];
	u64 size;
	u64 sum;
	u64 mem_size;
	u32 nr_vcpus;
	u32 nr_spis;
	u32 nr_devices;
	u32 pmu;
	int ids[MAX_VCPUS];
	u64 boot;
} header;

static const char magic[sizeof(header.magic)] = "vgicv5 guest 1";

/* One of these is used */
static FILE *out;
static const u8 *in;
static u64 at;
static u64 sum;

/*
 * The registers of a vCPU that are saved are those that the host had where the
 * guest began. What another host has beyond is not the guest's: its ID registers
 * do not tell of it. It stays as it is there.
 */
static struct regs {
	u64 n;
	u64 id[MAX_REGS];
	u64 nr_other;			/* ID registers that are not this host's */
	u64 nr_more;
	u64 more[MAX_REGS];
	u64 more_val[MAX_REGS];
} regs[MAX_VCPUS];

static u64 sum_of(u64 sum, const void *data, u64 size)
{
	const u64 *word = data;
	u64 i;

	for (i = 0; i < size / 8; i++)
		sum = (sum ^ word[i]) * 0x9e3779b97f4a7c15ull;
	return sum;
}

static void damaged(void)
{
	die("%s is damaged", options.restore);
}

static void write_out(const void *data, u64 size)
{
	sum = sum_of(sum, data, size);
	if (fwrite(data, 1, size, out) != size)
		die("%s: %m", options.save);
	at += size;
}

static void put(const void *data, u64 size)
{
	u64 whole = size & ~7ull, rest = 0;

	write_out(data, whole);
	if (size == whole)
		return;
	memcpy(&rest, data + whole, size - whole);
	write_out(&rest, sizeof(rest));
}

static void get(void *data, u64 size)
{
	u64 padded = (size + 7) & ~7ull;

	if (padded > header.size - at)
		damaged();
	memcpy(data, in + at, size);
	at += padded;
}

static bool restores(void)
{
	return in;
}

void image_state(void *data, size_t size)
{
	if (restores())
		get(data, size);
	else
		put(data, size);
}

void image_check(bool ok)
{
	if (!ok)
		damaged();
}

static void put_u64(u64 val)
{
	put(&val, sizeof(val));
}

static u64 get_u64(void)
{
	u64 val;

	get(&val, sizeof(val));
	return val;
}

static unsigned long ms_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - start->tv_sec) * 1000 +
	       (now.tv_nsec - start->tv_nsec) / 1000000;
}

/* vCPUs */

static u64 reg_size(u64 id)
{
	return 1ull << ((id & KVM_REG_SIZE_MASK) >> KVM_REG_SIZE_SHIFT);
}

/* The VM has one of each, whichever vCPU is asked */
static const u64 counters[] = { KVM_REG_ARM_TIMER_CNT, KVM_REG_ARM_PTIMER_CNT };

static bool is_counter(u64 id)
{
	return id == counters[0] || id == counters[1];
}

/* What identifies the CPU, or what it can do */
static bool is_id_reg(u64 id)
{
	u64 reg = id & 0xffff;

	return (id & KVM_REG_ARM_COPROC_MASK) == KVM_REG_ARM64_SYSREG &&
	       reg >> 14 == 3 && (reg >> 7 & 15) == 0;
}

static int get_one(struct vcpu *vcpu, u64 id, void *data)
{
	struct kvm_one_reg reg = { .id = id, .addr = (u64)data };

	return ioctl(vcpu->fd, KVM_GET_ONE_REG, &reg);
}

static int set_one(struct vcpu *vcpu, u64 id, const void *data)
{
	struct kvm_one_reg reg = { .id = id, .addr = (u64)data };

	return ioctl(vcpu->fd, KVM_SET_ONE_REG, &reg);
}

static const struct kvm_reg_list *host_regs(struct vcpu *vcpu)
{
	static struct {
		struct kvm_reg_list list;
		u64 ids[MAX_REGS];
	} l;
	u64 i;

	l.list.n = MAX_REGS;
	if (ioctl(vcpu->fd, KVM_GET_REG_LIST, &l))
		die("KVM_GET_REG_LIST: %m");
	for (i = 0; i < l.list.n; i++)
		if (reg_size(l.list.reg[i]) > MAX_REG_SIZE)
			die("register 0x%lx is too large",
			    (unsigned long)l.list.reg[i]);
	return &l.list;
}

static void list_regs(struct vcpu *vcpu, struct regs *r)
{
	const struct kvm_reg_list *host = host_regs(vcpu);
	u64 i;

	for (i = 0; i < host->n; i++)
		if (!is_counter(host->reg[i]))
			r->id[r->n++] = host->reg[i];
}

/* It may have been used although no ID register told of it. */
static void check_more_regs(struct vcpu *vcpu, const struct regs *r)
{
	u64 i, val;

	for (i = 0; i < r->nr_more; i++) {
		val = 0;
		if (get_one(vcpu, r->more[i], &val) || val != r->more_val[i])
			die("vCPU %d has used register 0x%lx, which was not there where the guest began: it cannot be saved",
			    vcpu->id, (unsigned long)r->more[i]);
	}
}

static void save_vcpu(struct vcpu *vcpu)
{
	struct regs *r = &regs[vcpu->index];
	struct kvm_vcpu_events events;
	struct kvm_mp_state mp;
	u8 data[MAX_REG_SIZE];
	u64 i;

	if (!r->n)
		list_regs(vcpu, r);
	check_more_regs(vcpu, r);
	put_u64(r->n);
	for (i = 0; i < r->n; i++) {
		if (get_one(vcpu, r->id[i], data))
			die("register 0x%lx of vCPU %d cannot be saved: %m",
			    (unsigned long)r->id[i], vcpu->id);
		put_u64(r->id[i]);
		put(data, reg_size(r->id[i]));
	}
	if (ioctl(vcpu->fd, KVM_GET_VCPU_EVENTS, &events))
		die("KVM_GET_VCPU_EVENTS: %m");
	put(&events, sizeof(events));
	if (ioctl(vcpu->fd, KVM_GET_MP_STATE, &mp))
		die("KVM_GET_MP_STATE: %m");
	put(&mp, sizeof(mp));
}

static void restore_reg(struct vcpu *vcpu, u64 id, const u8 *data)
{
	u64 size = reg_size(id), val = 0, here_val = 0;
	u8 here[MAX_REG_SIZE];
	bool same;
	int err;

	if (get_one(vcpu, id, here))
		die("the guest has a register that this host has not: 0x%lx",
		    (unsigned long)id);
	same = !memcmp(here, data, size);
	regs[vcpu->index].nr_other += !same && is_id_reg(id);
	/* What cannot be written may be the same. */
	if (!set_one(vcpu, id, data) || same)
		return;
	err = errno;
	memcpy(&here_val, here, size < 8 ? size : 8);
	memcpy(&val, data, size < 8 ? size : 8);
	die("register 0x%lx of the guest's vCPU %d is 0x%lx, here 0x%lx, and this host does not take it: %s",
	    (unsigned long)id, vcpu->id, (unsigned long)val,
	    (unsigned long)here_val, strerror(err));
}

static bool has_reg(const struct regs *r, u64 id)
{
	u64 i;

	for (i = 0; i < r->n; i++)
		if (r->id[i] == id)
			return true;
	return false;
}

/* For the guest there is nothing that its ID registers did not tell of. */
static void hide_more_regs(struct vcpu *vcpu, struct regs *r)
{
	const struct kvm_reg_list *host = host_regs(vcpu);
	u64 i, id, none = 0;

	for (i = 0; i < host->n; i++) {
		id = host->reg[i];
		if (is_counter(id) || has_reg(r, id) || reg_size(id) > 8)
			continue;
		if (is_id_reg(id) && set_one(vcpu, id, &none))
			die("ID register 0x%lx is not where the guest began, and cannot be 0 here: %m",
			    (unsigned long)id);
		r->more[r->nr_more] = id;
		r->more_val[r->nr_more] = 0;
		if (!get_one(vcpu, id, &r->more_val[r->nr_more]))
			r->nr_more++;
	}
}

static void restore_vcpu(struct vcpu *vcpu)
{
	struct regs *r = &regs[vcpu->index];
	struct kvm_vcpu_events events;
	struct kvm_mp_state mp;
	u8 data[MAX_REG_SIZE];
	u64 i;

	r->n = get_u64();
	if (r->n > MAX_REGS)
		damaged();
	for (i = 0; i < r->n; i++) {
		r->id[i] = get_u64();
		if (reg_size(r->id[i]) > sizeof(data))
			damaged();
		get(data, reg_size(r->id[i]));
		restore_reg(vcpu, r->id[i], data);
	}
	get(&events, sizeof(events));
	if (ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, &events))
		die("KVM_SET_VCPU_EVENTS: %m");
	get(&mp, sizeof(mp));
	if (ioctl(vcpu->fd, KVM_SET_MP_STATE, &mp))
		die("KVM_SET_MP_STATE: %m");
	hide_more_regs(vcpu, r);
	if ((r->nr_more || r->nr_other) && !vcpu->index)
		say("ID registers that are not this host's own: %lu; registers that were not where the guest began: %lu",
		    (unsigned long)r->nr_other, (unsigned long)r->nr_more);
}

/* The vGICv5 */

/* Of group CPU_SYSREGS: op0 3 and CRn 12 are of all of them */
#define SYSREG(op1, crm, op2)						\
	(3u << 14 | (op1) << 11 | 12u << 7 | (crm) << 3 | (op2))

static const u16 icc_regs[] = {
	SYSREG(0, 10, 4),					/* ICSR */
	SYSREG(0, 10, 6), SYSREG(0, 10, 7),			/* PPI_ENABLER */
	SYSREG(0, 13, 2), SYSREG(0, 13, 3),			/* PPI_SACTIVER */
	SYSREG(0, 13, 6), SYSREG(0, 13, 7),			/* PPI_SPENDR */
	SYSREG(0, 14, 0), SYSREG(0, 14, 1), SYSREG(0, 14, 2),	/* PPI_PRIORITYR */
	SYSREG(0, 14, 3), SYSREG(0, 14, 4), SYSREG(0, 14, 5),
	SYSREG(0, 14, 6), SYSREG(0, 14, 7), SYSREG(0, 15, 0),
	SYSREG(0, 15, 1), SYSREG(0, 15, 2), SYSREG(0, 15, 3),
	SYSREG(0, 15, 4), SYSREG(0, 15, 5), SYSREG(0, 15, 6),
	SYSREG(0, 15, 7),
	SYSREG(1, 0, 0), SYSREG(1, 0, 1), SYSREG(1, 0, 2),	/* APR, CR0, PCR */
};

#define IRS_FRAME		0x10000u
#define IRS_IST_BASER		0x180u
#define IRS_IST_CFGR		0x190u
#define IRS_IST_VALID		1u
#define NO_REGISTER		(~0ull)

static int gic_attr(unsigned long cmd, u32 group, u64 attr, void *addr)
{
	struct kvm_device_attr a = {
		.group = group, .attr = attr, .addr = (u64)addr,
	};

	return ioctl(gic_fd, cmd, &a);
}

static u64 of_vcpu(const struct vcpu *vcpu, u16 reg)
{
	u64 aff3 = vcpu->mpidr >> 32 & 0xff, rest = vcpu->mpidr & 0xffffff;

	return (aff3 << 24 | rest) << 32 | reg;
}

/* SPIs and LPIs, 4 bytes each */
static void ist_state(u64 lpi_size)
{
	struct kvm_vgic_v5_ist ist = {
		.spi_ist_size = 4ull * options.nr_spis,
		.lpi_ist_size = lpi_size,
	};
	void *spis = calloc(1, ist.spi_ist_size), *lpis = calloc(1, lpi_size + 1);

	if (!spis || !lpis)
		die("memory for SPIs and LPIs: %m");
	ist.spi_ist_addr = (u64)spis;
	ist.lpi_ist_addr = lpi_size ? (u64)lpis : 0;
	if (!restores() &&
	    gic_attr(KVM_GET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_IST, 0, &ist))
		die("SPIs and LPIs: %m");
	image_state(spis, ist.spi_ist_size);
	image_state(lpis, lpi_size);
	if (restores() &&
	    gic_attr(KVM_SET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_IST, 0, &ist))
		die("SPIs and LPIs are not taken here: %m");
	free(spis);
	free(lpis);
}

static void save_irs(void)
{
	u64 offset, val, baser = 0, cfgr = 0, lpi_size;

	/* All that there are, whichever */
	for (offset = 0; offset < IRS_FRAME; offset += 4) {
		if (gic_attr(KVM_HAS_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_IRS_REGS,
			     offset, NULL))
			continue;
		if (gic_attr(KVM_GET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_IRS_REGS,
			     offset, &val))
			die("register 0x%lx of the IRS: %m",
			    (unsigned long)offset);
		put_u64(offset);
		put_u64(val);
		if (offset == IRS_IST_BASER)
			baser = val;
		if (offset == IRS_IST_CFGR)
			cfgr = val;
	}
	put_u64(NO_REGISTER);
	lpi_size = baser & IRS_IST_VALID ? 4ull << (cfgr & 31) : 0;
	put_u64(lpi_size);
	ist_state(lpi_size);
}

static void restore_irs(void)
{
	u64 offset, val;

	while ((offset = get_u64()) != NO_REGISTER) {
		val = get_u64();
		if (gic_attr(KVM_SET_DEVICE_ATTR, KVM_DEV_ARM_VGIC_GRP_IRS_REGS,
			     offset, &val))
			die("register 0x%lx of the IRS was 0x%lx, and cannot be that here: %m",
			    (unsigned long)offset, (unsigned long)val);
	}
	val = get_u64();
	if (val > header.size)
		damaged();
	ist_state(val);
}

static void icc_state(struct vcpu *vcpu)
{
	unsigned int i;
	u64 attr, val;

	for (i = 0; i < ARRAY_SIZE(icc_regs); i++) {
		attr = of_vcpu(vcpu, icc_regs[i]);
		if (!restores() &&
		    gic_attr(KVM_GET_DEVICE_ATTR,
			     KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, attr, &val))
			die("register 0x%x of vCPU %d's interrupts: %m",
			    icc_regs[i], vcpu->id);
		image_state(&val, sizeof(val));
		if (restores() &&
		    gic_attr(KVM_SET_DEVICE_ATTR,
			     KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, attr, &val))
			die("register 0x%x of vCPU %d's interrupts was 0x%lx, and cannot be that here: %m",
			    icc_regs[i], vcpu->id, (unsigned long)val);
	}
}

/* Memory: what is not 0 of it, piece by piece */

static bool is_zero(const u64 *page)
{
	unsigned int i;

	for (i = 0; i < PAGE / 8; i++)
		if (page[i])
			return false;
	return true;
}

static u64 save_memory(void)
{
	u64 start, end, all = 0;

	for (start = 0; start < options.mem_size; start = end) {
		end = start;
		while (end < options.mem_size && !is_zero(ram + end))
			end += PAGE;
		if (end == start) {
			end += PAGE;
			continue;
		}
		put_u64(RAM_BASE + start);
		put_u64(end - start);
		put(ram + start, end - start);
		all += end - start;
	}
	put_u64(0);
	return all;
}

static void restore_memory(void)
{
	u64 gpa, size;
	void *to;

	while ((gpa = get_u64())) {
		size = get_u64();
		to = guest_memory(gpa, size);
		if (!to)
			damaged();
		get(to, size);
	}
}

/* All of it */

void image_save(unsigned int boot)
{
	u64 count[ARRAY_SIZE(counters)], bytes;
	struct timespec start;
	unsigned int i;

	clock_gettime(CLOCK_MONOTONIC, &start);
	/* As soon as the vCPUs stand, so that no timer fires that was not due */
	for (i = 0; i < ARRAY_SIZE(counters); i++)
		if (get_one(&vcpus[0], counters[i], &count[i]))
			die("a counter cannot be saved: %m");
	for (i = 0; i < nr_devices; i++)
		devices[i]->stop(devices[i]);

	out = fopen(options.save, "we");
	if (!out || fseek(out, sizeof(header), SEEK_SET))
		die("%s: %m", options.save);
	at = sizeof(header);
	for (i = 0; i < nr_vcpus; i++)
		save_vcpu(&vcpus[i]);
	save_irs();
	for (i = 0; i < nr_vcpus; i++)
		icc_state(&vcpus[i]);
	for (i = 0; i < nr_devices; i++)
		devices[i]->state(devices[i]);
	bytes = save_memory();
	put(count, sizeof(count));

	memcpy(header.magic, magic, sizeof(magic));
	header.size = at;
	header.sum = sum;
	header.mem_size = options.mem_size;
	header.nr_vcpus = nr_vcpus;
	header.nr_spis = options.nr_spis;
	header.nr_devices = nr_devices;
	header.pmu = options.pmu;
	for (i = 0; i < nr_vcpus; i++)
		header.ids[i] = vcpus[i].id;
	header.boot = boot;
	if (fseek(out, 0, SEEK_SET) ||
	    fwrite(&header, sizeof(header), 1, out) != 1 || fclose(out))
		die("%s: %m", options.save);
	say("the guest is saved: %lu KiB of memory and %lu of all else, in %lu ms",
	    (unsigned long)(bytes >> 10),
	    (unsigned long)((at - bytes) >> 10), ms_since(&start));
}

static void same_number(const char *what, unsigned long there,
			unsigned long here, const char *option)
{
	if (there != here)
		die("%s: a guest with %lu %s, not %lu: say %s",
		    options.restore, there, what, here, option);
}

static void same_options(void)
{
	char ids[128] = "";
	bool same = true;
	unsigned int i;

	same_number("vCPUs", header.nr_vcpus, options.nr_vcpus, "--cpus N");
	if (header.nr_vcpus > MAX_VCPUS)
		damaged();
	for (i = 0; i < header.nr_vcpus; i++) {
		snprintf(ids + strlen(ids), sizeof(ids) - strlen(ids), "%s%d",
			 i ? "," : "", header.ids[i]);
		same &= header.ids[i] == options.ids[i];
	}
	if (!same)
		die("%s: a guest with other vCPU ids: say --cpu-ids %s",
		    options.restore, ids);
	same_number("MiB of memory", header.mem_size >> 20,
		    options.mem_size >> 20, "--mem MIB");
	same_number("SPIs", header.nr_spis, options.nr_spis, "--spis N");
	if (header.pmu != options.pmu)
		die("%s: a guest %s a PMU", options.restore,
		    header.pmu ? "with" : "without");
	same_number("devices", header.nr_devices, 2 + !!options.disk,
		    header.nr_devices > 2 ? "--disk FILE" : "no --disk");
}

void image_open(void)
{
	int fd = open(options.restore, O_RDONLY | O_CLOEXEC);
	struct stat st;
	const u8 *map;

	if (fd < 0 || fstat(fd, &st))
		die("%s: %m", options.restore);
	if (pread(fd, &header, sizeof(header), 0) != sizeof(header) ||
	    memcmp(header.magic, magic, sizeof(magic)))
		die("%s is no guest that this VMM has saved", options.restore);
	if (st.st_size != header.size)
		die("%s is not complete: %lu bytes of %lu", options.restore,
		    (unsigned long)st.st_size, (unsigned long)header.size);
	same_options();
	map = mmap(NULL, header.size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		die("%s: %m", options.restore);
	close(fd);
	if (header.size & 7 || header.size < sizeof(header) ||
	    sum_of(0, map + sizeof(header), header.size - sizeof(header)) !=
	    header.sum)
		damaged();
	in = map;
	at = sizeof(header);
}

unsigned int image_restore(void)
{
	u64 count[ARRAY_SIZE(counters)];
	struct timespec start;
	unsigned int i;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (i = 0; i < nr_devices; i++)
		devices[i]->stop(devices[i]);
	for (i = 0; i < nr_vcpus; i++)
		restore_vcpu(&vcpus[i]);
	restore_irs();
	for (i = 0; i < nr_vcpus; i++)
		icc_state(&vcpus[i]);
	for (i = 0; i < nr_devices; i++)
		devices[i]->state(devices[i]);
	restore_memory();
	get(count, sizeof(count));
	if (at != header.size)
		damaged();
	/* The devices drive their lines, and go on with what the guest has asked */
	for (i = 0; i < nr_devices; i++)
		devices[i]->go(devices[i]);
	/* From here on the guest's time goes on */
	for (i = 0; i < ARRAY_SIZE(counters); i++)
		if (set_one(&vcpus[0], counters[i], &count[i]))
			die("a counter cannot be restored: %m");
	munmap((void *)in, header.size);
	in = NULL;
	say("the guest goes on, restored in %lu ms", ms_since(&start));
	return header.boot;
}
