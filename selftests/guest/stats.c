// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the guest does between two words to the VMM, and what KVM has counted
 * meanwhile:
 *
 *   @begin			the guest begins
 *   @stop			it has done it
 *   @row COUNT TEXT...		it took COUNT interrupts, which TEXT names
 *   @count KIND COUNT		interrupts since it booted
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmm.h"

enum { EXITS, WFI, WFE, MMIO_USER, NR_STATS };

static const char * const names[NR_STATS] = {
	[EXITS] = "exits",
	[WFI] = "wfi_exit_stat",
	[WFE] = "wfe_exit_stat",
	[MMIO_USER] = "mmio_exit_user",
};

struct row {
	char text[48];
	u64 count;
	u64 stat[NR_STATS];
	u64 host_irqs;
};

static struct row rows[16];
static unsigned int nr_rows;
static struct row now;

static struct count {
	char kind[16];
	u64 count;
} counts[8];
static unsigned int nr_counts;

/* As KVM describes them, the same for all vCPUs */
static u64 read_stat(struct vcpu *vcpu, const char *name)
{
	struct kvm_stats_header h;
	struct {
		struct kvm_stats_desc d;
		char name[64];
	} desc;
	u64 val;
	u32 i;

	if (pread(vcpu->stats_fd, &h, sizeof(h), 0) != sizeof(h) ||
	    h.name_size > sizeof(desc.name))
		die("KVM's statistics: %m");
	for (i = 0; i < h.num_desc; i++) {
		size_t size = sizeof(desc.d) + h.name_size;

		if (pread(vcpu->stats_fd, &desc, size,
			  h.desc_offset + i * size) != (ssize_t)size)
			die("KVM's statistics: %m");
		if (strcmp(desc.d.name, name))
			continue;
		if (pread(vcpu->stats_fd, &val, sizeof(val),
			  h.data_offset + desc.d.offset) != sizeof(val))
			die("KVM's statistics: %m");
		return val;
	}
	die("KVM has no statistic %s", name);
}

static void read_all(u64 *stat)
{
	unsigned int i, j;

	for (i = 0; i < NR_STATS; i++)
		for (stat[i] = 0, j = 0; j < nr_vcpus; j++)
			stat[i] += read_stat(&vcpus[j], names[i]);
}

/* The host's own interrupts of all CPUs, kicks apart: each may end a run of the guest. */
static u64 host_irqs(void)
{
	char line[4096], *p, *end;
	u64 n = 0, value;
	FILE *f;

	f = fopen("/proc/interrupts", "r");
	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f)) {
		p = strchr(line, ':');
		if (!p || strstr(p, "kvm guest") || strstr(p, "Rescheduling"))
			continue;
		for (p++; value = strtoul(p, &end, 10), end != p; p = end)
			n += value;
	}
	fclose(f);
	return n;
}

/* For who looks at a trace of the host */
static void mark(const char *what, u64 count, const char *text)
{
	static int fd = -1;

	if (!options.marks)
		return;
	if (fd < 0)
		fd = open(options.marks, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || dprintf(fd, "%s %lu %s\n", what, (unsigned long)count,
			      text) < 0)
		die("%s: %m", options.marks);
}

static void begin(void)
{
	now.host_irqs = host_irqs();
	read_all(now.stat);
	mark("begin", 0, "");
}

static void stop(void)
{
	u64 stat[NR_STATS];
	unsigned int i;

	mark("end", 0, "");
	read_all(stat);
	for (i = 0; i < NR_STATS; i++)
		now.stat[i] = stat[i] - now.stat[i];
	now.host_irqs = host_irqs() - now.host_irqs;
}

static void add_row(char *text)
{
	char *rest;

	if (nr_rows == ARRAY_SIZE(rows))
		return;
	now.count = strtoul(text, &rest, 10);
	snprintf(now.text, sizeof(now.text), "%s", rest + (*rest == ' '));
	mark("was", now.count, now.text);
	rows[nr_rows++] = now;
}

static void count(char *text)
{
	char *kind = strsep(&text, " ");

	if (!text || nr_counts == ARRAY_SIZE(counts))
		return;
	snprintf(counts[nr_counts].kind, sizeof(counts->kind), "%s", kind);
	counts[nr_counts++].count = strtoul(text, NULL, 10);
}

/* The console's thread calls it. */
void stats_command(char *line)
{
	char *word = strsep(&line, " ");

	if (!strcmp(word, "begin"))
		begin();
	else if (!strcmp(word, "stop"))
		stop();
	else if (!strcmp(word, "row") && line)
		add_row(line);
	else if (!strcmp(word, "count") && line)
		count(line);
	else
		say("the guest says @%s, which is no word to a VMM", word);
}

static void per(u64 part, u64 of)
{
	printf(" %6lu.%02lu", (unsigned long)(part / of),
	       (unsigned long)(part % of * 100 / of));
}

void stats_print(void)
{
	unsigned int i;

	printf("Interrupts that the guest has counted:");
	for (i = 0; i < nr_counts; i++)
		printf("%s %lu %s", i ? "," : "",
		       (unsigned long)counts[i].count, counts[i].kind);
	printf("\nSPIs that the VMM has raised: %lu of the disk (irqfd), ",
	       (unsigned long)blk_raised());
	printf("%lu of the UART (KVM_IRQ_LINE)\n",
	       (unsigned long)uart_raised());
	printf("Exits to the host for each; the host's own interrupts end a run of the guest, too:\n");
	printf("  %-30s %7s %9s %9s %9s %9s %9s\n", "the guest takes", "taken",
	       "all", "to a VMM", "host's", "WFI, WFE", "others");
	for (i = 0; i < nr_rows; i++) {
		struct row *r = &rows[i];
		u64 wfx = r->stat[WFI] + r->stat[WFE];
		u64 known = r->stat[MMIO_USER] + wfx + r->host_irqs;
		u64 others = r->stat[EXITS] > known ? r->stat[EXITS] - known : 0;

		printf("  %-30s %7lu", r->text, (unsigned long)r->count);
		if (r->count) {
			per(r->stat[EXITS], r->count);
			per(r->stat[MMIO_USER], r->count);
			per(r->host_irqs, r->count);
			per(wfx, r->count);
			per(others, r->count);
		}
		printf("\n");
	}
}
