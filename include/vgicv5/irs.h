/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An IRS in software: its frame, and the SPIs and LPIs of a VM.
 *
 * An interrupt is a word laid out as an L2_ISTE, and a place in a queue. It is
 * in the queue of the vCPU that its IAFFID names while it is enabled, pending
 * and not active; a queue is 32 lists, one for each priority, and a word that
 * says which of them hold something. Nothing ever looks at all interrupts.
 *
 *   word		written by			read by
 *   an interrupt	who holds the lock of the	CDRCFG, debugfs
 *			queue of its IAFFID
 *   prios		who holds the queue's lock	the vCPU, senders
 *   changed		senders set, the vCPU clears	the vCPU, before an entry
 *   signal		the vCPU			senders
 *   active (the VM's)	CDIA, CDDI; atomic		the vCPUs
 *   enabled (IRSEN)	who holds the frame		the vCPUs
 *   tables		who holds the frame		all, until synchronised
 *
 * "The frame" is a lock that the caller of irs_read() and irs_write() holds. No
 * other lock is shared by more than the vCPU that an interrupt is for and those
 * who send to it.
 *
 * A sender and a vCPU each write one word, and then read the other's, with a
 * full barrier between:
 *
 *   pair		sender				vCPU
 *   send | evaluate	prios, changed			changed, prios
 *   send | signal	changed, signal			signal, changed
 *   send | enter	changed, resident		resident, changed
 *   send | WFI		prios, IN_WFI			IN_WFI, prios
 *   take | signal	active, signal			signal, active
 *   barrier		in send | evaluate a release;	xchg() of changed; smp_mb()
 *			else the smp_mb() at the end	after signal; xchg() in
 *			of irs_execute() and		ppi_enter(); of the
 *			irs_inject(), or of the		scheduler when the vCPU
 *			count of active ones		blocks
 *
 * What irs_evaluate() says is in force while the guest runs. With no SPI or LPI
 * pending or active it is nothing, and the guest runs as one with PPIs alone:
 *
 *   said		means				if
 *   IRS_VI		HCR_EL2.VI is set; CDIA,	the best candidate passes
 *			CDNMIA trap			the mask and the running
 *							priority
 *   IRS_TRAP_MASKS	writes of PCR, CR0 and APR,	there is a candidate: they
 *			reads of HPPIR trap		let it through, or not
 *   IRS_TRAP_CDEOI	CDEOI traps			there is a candidate, and
 *							its priority is not above
 *							the running one
 *   IRS_TRAP_CDDI	CDDI traps			an SPI or LPI is active,
 *							on whatever vCPU
 *
 * IRS_TRAP_CDDI: when the first one becomes active all vCPUs are told, and none is
 * kicked. One that runs finds it when it leaves the guest next; a CDDI before that,
 * of what another vCPU has acknowledged, has no effect. A kick would leave of this
 * window the time that it takes, not close it. Measured with kicks, two vCPUs that
 * interrupt each other have 4 % more exits (4.39 to 4.56 for each LPI), and those
 * that only tick beside them 15 to 20 % more. Who ends interrupts of others has
 * sent them one to stop them, as for a crash or kexec: that is an exit.
 *
 * Superpriority is not there: KVM hides FEAT_NMI from guests, without which
 * priority 0 is one like any other. CDNMIA finds nothing, and HCRX_EL2.VINMI is
 * not used.
 *
 * CDEN, CDDIS, CDPRI, CDAFF, CDPEND, CDHM and CDRCFG trap always. A trapped one
 * may name a PPI, and of a PPI and an SPI or LPI of equal priority the PPI is
 * first: both are for the caller, who knows them.
 */
#ifndef __VGICV5_IRS_H
#define __VGICV5_IRS_H

#include <vgicv5/env.h>
#include <vgicv5/ppi.h>

#define IRS_FRAMES_SIZE		0x20000		/* CONFIG and SETLPI, 64 KiB each */
#define IRS_CR1			0x0084
#define IRS_SPIS_MIN		32
#define IRS_SPIS_MAX		1024
#define IRS_LPI_BITS		16		/* IRS_IDR2.ID_BITS */
#define IRS_LPI_BITS_MIN	12		/* IRS_IDR2.MIN_LPI_ID_BITS */
#define IRS_IAFFIDS_MAX		512

/* INTID: type in bits 31:29, ID in bits 23:0 */
#define INTID_TYPE(intid)	((u32)(intid) >> 29)
#define INTID_PPI		1
#define INTID_LPI		2
#define INTID_SPI		3
#define INTID_ID(intid)		((u32)(intid) & 0xffffff)
#define INTID(type, id)		((u32)(type) << 29 | (id))

/* What a vCPU has to be told, and what has to trap: the table above */
#define IRS_VI			BIT_ULL(0)
#define IRS_TRAP_MASKS		BIT_ULL(1)
#define IRS_TRAP_CDEOI		BIT_ULL(2)
#define IRS_TRAP_CDDI		BIT_ULL(3)

/* SPIs and LPIs are numbered apart, and queue apart */
#define IRS_KINDS		2

/**
 * struct irs_cpu - the queue of one vCPU
 * @lock:    of the queue, and of the words of all interrupts that name this vCPU
 * @head:    first of each list, by kind and priority; valid if @lists has its bit
 * @lists:   by kind: bit n: the list of priority n is not empty
 * @prios:   what either of @lists has
 * @turns:   bit n: of an SPI and an LPI of priority n, the LPI is next
 * @changed: look again before the guest runs
 * @signal:  IRS_VI and IRS_TRAP_*, as they are while the guest runs
 * @iaffid:  what the guest calls it
 */
struct irs_cpu {
	irs_lock_t lock;
	u16 head[IRS_KINDS][32];
	u32 lists[IRS_KINDS];
	u32 prios;
	u32 turns;
	u32 changed;
	u32 signal;
	u16 iaffid;
};

/**
 * struct irs_entry - one interrupt
 * @word: as L2_ISTE; bits that are RES0 there hold the level of an SPI's input
 *	  and whether it is in a queue
 * @next: the next one of its list, which is a ring
 * @prev: the one before
 */
struct irs_entry {
	u32 word;
	u16 next;
	u16 prev;
};

/**
 * struct irs_config - what the frame says of itself
 * @nr_spis:	 a multiple of 32, IRS_SPIS_MIN to IRS_SPIS_MAX
 * @pri_bits:	 number of priority bits, 4 or 5
 * @pa_range:	 IRS_IDR0.PA_RANGE, as ID_AA64MMFR0_EL1.PARange
 * @nr_cpus:	 number of vCPUs
 * @iaffid_bits: wide enough for each IAFFID; at least 1
 */
struct irs_config {
	u32 nr_spis;
	u8 pri_bits;
	u8 pa_range;
	u16 nr_cpus;
	u8 iaffid_bits;
};

struct irs;

/**
 * struct irs_backend - who has the SPIs and LPIs, if they are no words here
 * @map_lpis:	   as irs_map_lpis(), which it is called by; sets &irs.lpi_bits
 * @unmap_lpis:	   as irs_unmap_lpis(); likewise
 * @spi_level:	   as irs_spi_level()
 * @set_spi_level: as irs_set_spi_level(); no vCPU has to look again
 * @reset_spis:	   all SPIs are as at first, but for their inputs
 *
 * The frame is the same. Of the rest of this file only irs_init(), irs_add_cpu(),
 * irs_enable(), irs_reset() and irs_destroy() are of use then; the last one only
 * when there are no LPIs any more.
 */
struct irs_backend {
	bool (*map_lpis)(struct irs *irs, unsigned int bits);
	void (*unmap_lpis)(struct irs *irs);
	bool (*spi_level)(const struct irs *irs, u32 spi);
	void (*set_spi_level)(struct irs *irs, u32 spi, bool level);
	void (*reset_spis)(struct irs *irs);
};

/**
 * struct irs - the IRS of a VM
 * @config:	what it was made with
 * @backend:	NULL, or who has its SPIs and LPIs
 * @enabled:	IRS_CR0.IRSEN
 * @cr1:	as the guest has written it, and so are the next four
 * @spi_selr:	IRS_SPI_SELR
 * @pe_selr:	IRS_PE_SELR
 * @ist_cfgr:	IRS_IST_CFGR
 * @ist_baser:	IRS_IST_BASER
 * @active:	number of active SPIs and LPIs
 * @lpi_bits:	LPIs below 1 << @lpi_bits exist; 0 while IST_BASER is not valid
 * @spis:	the SPIs
 * @lpis:	pages of LPIs, each allocated when one of its LPIs is configured
 * @cpus:	by IAFFID, NULL for those that nobody has
 * @nowhere:	queue of what names no vCPU: nothing is taken from it
 * @irsid:	IRS_IDR0.IRSID: a VMM may restore another one; so it may, narrower,
 * @id_bits:	IRS_IDR2.ID_BITS, and
 * @min_id_bits: IRS_IDR2.MIN_LPI_ID_BITS
 */
struct irs {
	struct irs_config config;
	const struct irs_backend *backend;
	u32 enabled;
	u32 cr1;
	u32 spi_selr;
	u32 pe_selr;
	u32 ist_cfgr;
	u64 ist_baser;
	irs_count_t active;
	u32 lpi_bits;
	struct irs_entry *spis;
	struct irs_entry **lpis;
	struct irs_cpu **cpus;
	struct irs_cpu nowhere;
	u16 irsid;
	u8 id_bits;
	u8 min_id_bits;
};

/* Instructions that configure; the operand is as the architecture has it */
enum irs_op {
	IRS_CDDIS,
	IRS_CDEN,
	IRS_CDPRI,
	IRS_CDAFF,
	IRS_CDPEND,
	IRS_CDHM,
	IRS_CDDI,
};

/**
 * struct irs_touched - vCPUs that something was changed for
 * @raised:  it may have become deliverable to this one; or NULL
 * @lowered: this one may have lost what it was told of; or NULL
 *
 * Both have &irs_cpu.changed set. Ask irs_needs_kick() of each.
 */
struct irs_touched {
	struct irs_cpu *raised;
	struct irs_cpu *lowered;
};

/*
 * irs_init() needs room for @irs alone, zeroed; vCPUs are added before the guest
 * runs. irs_destroy() takes what irs_init() has left half done as well.
 */
int irs_init(struct irs *irs, const struct irs_config *config);
int irs_add_cpu(struct irs *irs, struct irs_cpu *cpu, unsigned int iaffid);
void irs_destroy(struct irs *irs);
void irs_reset(struct irs *irs);

/*
 * The frame. The caller may sleep, and holds the lock of the frame. If irs_write()
 * returns true, kick all vCPUs: those that it matters to have &irs_cpu.changed set.
 */
u64 irs_read(struct irs *irs, u32 offset, unsigned int size);
bool irs_write(struct irs *irs, u32 offset, unsigned int size, u64 val);

/* What the frame does to interrupts */
void irs_enable(struct irs *irs, bool enabled);
bool irs_spi_level(const struct irs *irs, u32 spi);
bool irs_set_spi_level(struct irs *irs, u32 spi, bool level);
bool irs_map_lpis(struct irs *irs, unsigned int bits);
void irs_unmap_lpis(struct irs *irs);

/* Interrupts */
void irs_execute(struct irs *irs, enum irs_op op, u64 operand,
		 struct irs_touched *touched);
u64 irs_rcfg(struct irs *irs, u64 operand);
int irs_inject(struct irs *irs, u32 spi, bool level,
	       struct irs_touched *touched);

/* The vCPU that takes them */
unsigned int irs_best(const struct irs *irs, const struct irs_cpu *cpu);
u32 irs_highest(struct irs *irs, struct irs_cpu *cpu, unsigned int bound);
u32 irs_acknowledge(struct irs *irs, struct irs_cpu *cpu, unsigned int bound,
		    u8 *prio);
u32 irs_evaluate(struct irs *irs, struct irs_cpu *cpu, u8 en, u8 pcr, u32 apr);
bool irs_needs_kick(const struct irs *irs, const struct irs_cpu *cpu,
		    const struct ppi_cpu *ppi, bool lowered, bool wfi);

#endif /* __VGICV5_IRS_H */
