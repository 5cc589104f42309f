// SPDX-License-Identifier: GPL-2.0-only
/*
 * The frame of an IRS: its registers, as a guest reads and writes them. Plain C,
 * as irs.c. Nothing here takes time, so that all IDLE bits are always set.
 *
 * IRS_IST_BASER and IRS_IST_CFGR say that there are LPIs, and how many. The
 * guest's memory at that address is never looked at: LPIs are in irs.c.
 */
#include <vgicv5/irs.h>
#include <vgicv5/state.h>

#define IRS_IDR0		0x0000
#define IRS_IDR1		0x0004
#define IRS_IDR2		0x0008
#define IRS_IDR5		0x0014
#define IRS_IDR6		0x0018
#define IRS_IDR7		0x001c
#define IRS_IIDR		0x0040
#define IRS_CR0			0x0080
#define IRS_SYNC_STATUSR	0x00c4
#define IRS_SPI_SELR		0x0108
#define IRS_SPI_DOMAINR		0x010c
#define IRS_SPI_CFGR		0x0114
#define IRS_SPI_STATUSR		0x0118
#define IRS_PE_SELR		0x0140
#define IRS_PE_STATUSR		0x0144
#define IRS_PE_CR0		0x0148
#define IRS_IST_BASER		0x0180
#define IRS_IST_BASER_HIGH	0x0184
#define IRS_IST_CFGR		0x0190
#define IRS_IST_STATUSR		0x0194
#define IRS_DEVARCH		0xffbc
#define IRS_PIDR4		0xffd0
#define IRS_PIDR0		0xffe0
#define IRS_PIDR1		0xffe4
#define IRS_PIDR2		0xffe8
#define IRS_CIDR0		0xfff0
#define IRS_CIDR1		0xfff4
#define IRS_CIDR2		0xfff8
#define IRS_CIDR3		0xfffc

#define IDR0_INT_DOM_NS		1
#define IDR0_PA_RANGE		GENMASK(5, 2)
#define IDR0_IRSID		GENMASK(31, 16)
#define IDR1_PE_CNT		GENMASK(15, 0)
#define IDR1_IAFFID_BITS	GENMASK(19, 16)		/* less one */
#define IDR1_PRIORITY_BITS	GENMASK(22, 20)		/* less one */
#define IDR2_ID_BITS		GENMASK(4, 0)
#define IDR2_LPI		BIT(5)
#define IDR2_MIN_LPI_ID_BITS	GENMASK(9, 6)
#define CR0_IRSEN		BIT(0)
#define CR0_IDLE		BIT(1)
#define STATUSR_IDLE		BIT(0)
#define STATUSR_V		BIT(1)
#define PE_STATUSR_ONLINE	BIT(2)
#define PE_CR0_DPS		BIT(0)
#define SPI_SELR_ID		GENMASK(23, 0)
#define SPI_CFGR_TM		BIT(0)
#define SPI_DOMAIN_NS		1
#define PE_SELR_IAFFID		GENMASK(15, 0)
#define IST_BASER_VALID		BIT_ULL(0)
#define IST_CFGR_LPI_ID_BITS	GENMASK(4, 0)
#define IST_CFGR_ISTSZ		GENMASK(8, 7)		/* 0: 4 bytes */
#define IST_CFGR_STRUCTURE	BIT(16)			/* 0: linear */

/* The SPI that is selected, or the first that does not exist */
static u32 selected_spi(const struct irs *irs)
{
	u32 spi = FIELD_GET(SPI_SELR_ID, irs->spi_selr);

	return spi < irs->config.nr_spis ? spi : irs->config.nr_spis;
}

static bool spi_is_selected(const struct irs *irs)
{
	return selected_spi(irs) < irs->config.nr_spis;
}

static bool cpu_is_selected(const struct irs *irs)
{
	u32 iaffid = FIELD_GET(PE_SELR_IAFFID, irs->pe_selr);
	u32 nr = 1U << irs->config.iaffid_bits;

	return iaffid < nr && irs->cpus[array_index_nospec(iaffid, nr)];
}

static u32 read32(struct irs *irs, u32 offset)
{
	const struct irs_config *config = &irs->config;

	switch (offset) {
	case IRS_IDR0:
		return IDR0_INT_DOM_NS |
		       FIELD_PREP(IDR0_PA_RANGE, config->pa_range) |
		       FIELD_PREP(IDR0_IRSID, (u32)irs->irsid);
	case IRS_IDR1:
		return FIELD_PREP(IDR1_PE_CNT, config->nr_cpus) |
		       FIELD_PREP(IDR1_IAFFID_BITS, config->iaffid_bits - 1) |
		       FIELD_PREP(IDR1_PRIORITY_BITS, config->pri_bits - 1);
	case IRS_IDR2:
		return FIELD_PREP(IDR2_ID_BITS, irs->id_bits) | IDR2_LPI |
		       FIELD_PREP(IDR2_MIN_LPI_ID_BITS, irs->min_id_bits);
	case IRS_IDR5:
	case IRS_IDR6:
		return config->nr_spis;
	case IRS_IIDR:
		return 0x04b0043b;	/* as KVM's own */
	case IRS_CR0:
		return CR0_IDLE | (irs->enabled ? CR0_IRSEN : 0);
	case IRS_CR1:
		return irs->cr1;
	case IRS_SPI_SELR:
		return irs->spi_selr;
	case IRS_SPI_DOMAINR:
		return SPI_DOMAIN_NS;
	case IRS_SPI_CFGR:
		if (!spi_is_selected(irs))
			return 0;
		return irs_spi_level(irs, selected_spi(irs)) ? SPI_CFGR_TM : 0;
	case IRS_SPI_STATUSR:
		return STATUSR_IDLE | (spi_is_selected(irs) ? STATUSR_V : 0);
	case IRS_PE_SELR:
		return irs->pe_selr;
	case IRS_PE_STATUSR:
		return STATUSR_IDLE | (cpu_is_selected(irs) ?
				       STATUSR_V | PE_STATUSR_ONLINE : 0);
	case IRS_PE_CR0:
		return cpu_is_selected(irs) ? PE_CR0_DPS : 0;
	case IRS_IST_BASER:
		return irs->ist_baser;
	case IRS_IST_BASER_HIGH:
		return irs->ist_baser >> 32;
	case IRS_IST_CFGR:
		return irs->ist_cfgr;
	case IRS_SYNC_STATUSR:
	case IRS_IST_STATUSR:
		return STATUSR_IDLE;
	case IRS_DEVARCH:
		return 0x47705a19;
	case IRS_PIDR4:
		return 0x04;
	case IRS_PIDR0:
		return 0x4b;
	case IRS_PIDR1:
		return 0xb0;
	case IRS_PIDR2:
		return 0x0b;
	case IRS_CIDR0:
		return 0x0d;
	case IRS_CIDR1:
		return 0xf0;
	case IRS_CIDR2:
		return 0x05;
	case IRS_CIDR3:
		return 0xb1;
	}

	return 0;
}

/* An IST of entries of 4 bytes in one level, with as many LPIs as IDR2 says */
static bool ist_cfgr_is_legal(const struct irs *irs)
{
	u32 cfgr = irs->ist_cfgr, bits = FIELD_GET(IST_CFGR_LPI_ID_BITS, cfgr);

	return !(cfgr & (IST_CFGR_STRUCTURE | IST_CFGR_ISTSZ)) &&
	       bits >= irs->min_id_bits && bits <= irs->id_bits;
}

/*
 * While it is valid it can become invalid, and nothing else. If it cannot become
 * valid, it is not written: VALID stays 0, which is all that a guest sees of it.
 */
static bool write_ist_baser(struct irs *irs, u64 val)
{
	bool was = irs->ist_baser & IST_BASER_VALID;
	bool is = val & IST_BASER_VALID;

	if (was && is)
		return false;
	if (is && (!ist_cfgr_is_legal(irs) ||
		   !irs_map_lpis(irs, FIELD_GET(IST_CFGR_LPI_ID_BITS,
						irs->ist_cfgr))))
		return false;
	if (was)
		irs_unmap_lpis(irs);

	irs->ist_baser = val;
	return was;
}

static bool write32(struct irs *irs, u32 offset, u32 val)
{
	switch (offset) {
	case IRS_CR0:
		if (!(val & CR0_IRSEN) == !irs->enabled)
			return false;
		irs_enable(irs, val & CR0_IRSEN);
		return true;
	case IRS_CR1:
		irs->cr1 = val;
		break;
	case IRS_SPI_SELR:
		irs->spi_selr = val;
		break;
	case IRS_SPI_CFGR:
		if (!spi_is_selected(irs))
			break;
		return irs_set_spi_level(irs, selected_spi(irs),
					 val & SPI_CFGR_TM);
	case IRS_PE_SELR:
		irs->pe_selr = val;
		break;
	case IRS_IST_BASER:
		return write_ist_baser(irs, (irs->ist_baser & ~0xffffffffULL) |
					    val);
	case IRS_IST_BASER_HIGH:
		return write_ist_baser(irs, (irs->ist_baser & 0xffffffff) |
					    (u64)val << 32);
	case IRS_IST_CFGR:
		if (!(irs->ist_baser & IST_BASER_VALID))
			irs->ist_cfgr = val;
		break;
	}

	return false;
}

/**
 * irs_read() - a guest reads from a frame
 * @irs:    the IRS; its frame is locked
 * @offset: from the start of the CONFIG frame
 * @size:   1, 2, 4 or 8 bytes
 *
 * Return: the value; 0 for what is not there, or is not of that size.
 */
u64 irs_read(struct irs *irs, u32 offset, unsigned int size)
{
	if (size == 8 && offset == IRS_IST_BASER)
		return irs->ist_baser;

	return size == 4 ? read32(irs, offset) : 0;
}

/**
 * irs_write() - a guest writes to a frame
 * @irs:    the IRS; its frame is locked. May sleep
 * @offset: from the start of the CONFIG frame
 * @size:   1, 2, 4 or 8 bytes
 * @val:    the value; ignored by what is not there, or is not of that size
 *
 * Return: true if it has changed what vCPUs have to be told: kick them all.
 */
bool irs_write(struct irs *irs, u32 offset, unsigned int size, u64 val)
{
	if (size == 8 && offset == IRS_IST_BASER)
		return write_ist_baser(irs, val);

	return size == 4 && write32(irs, offset, val);
}

/* --- state --------------------------------------------------------------- */

static const struct {
	u16 offset;
	u8 size;
	u8 nr;
} registers[] = {
	{ IRS_IDR0, 4, 8 },
	{ IRS_IIDR, 4, 2 },		/* and AIDR */
	{ IRS_CR0, 4, 2 },		/* and CR1 */
	{ 0x00c0, 4, 2 },		/* SYNCR, SYNC_STATUSR */
	{ 0x0100, 8, 1 },		/* SPI_VMR */
	{ IRS_SPI_SELR, 4, 5 },		/* to SPI_STATUSR */
	{ IRS_PE_SELR, 4, 3 },		/* to PE_CR0 */
	{ IRS_IST_BASER, 8, 1 },
	{ IRS_IST_CFGR, 4, 2 },		/* and IST_STATUSR */
	{ 0x01c0, 4, 1 },		/* MAP_L2_ISTR */
	{ 0x0200, 8, 1 },		/* VMT_BASER */
	{ 0x0210, 4, 2 },		/* VMT_CFGR, VMT_STATUSR */
	{ 0x0240, 8, 3 },		/* VPE_SELR to VPE_HPPIR */
	{ 0x0258, 4, 2 },		/* VPE_CR0, VPE_STATUSR */
	{ 0x0280, 8, 1 },		/* VM_DBR */
	{ 0x0288, 4, 2 },		/* VM_SELR, VM_STATUSR */
	{ 0x02c0, 8, 5 },		/* VMAP_L2_VMTR to VMAP_VPER */
	{ 0x0300, 8, 1 },		/* SAVE_VMR */
	{ 0x0308, 4, 1 },		/* SAVE_VM_STATUSR */
	{ 0x0340, 4, 3 },		/* MEC_* */
	{ 0x0380, 4, 2 },		/* MPAM_* */
	{ 0x03c0, 8, 3 },		/* SWERR_* */
	{ IRS_DEVARCH, 4, 1 },
	{ IRS_PIDR4, 4, 12 },		/* to CIDR3 */
};

/**
 * irs_state_has() - is this a register that can be saved?
 * @offset: from the start of the CONFIG frame, any number
 *
 * Return: 0 if so; -EINVAL if it is in the middle of one, else -ENXIO.
 */
int irs_state_has(u64 offset)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(registers); i++) {
		u64 in = offset - registers[i].offset;

		if (in < registers[i].size * registers[i].nr)
			return in % registers[i].size ? -EINVAL : 0;
	}

	return -ENXIO;
}

/**
 * irs_state_get() - save a register
 * @irs:    the IRS; its frame is locked
 * @offset: from the start of the CONFIG frame
 * @val:    receives its value
 *
 * Return: 0, or as irs_state_has().
 */
int irs_state_get(struct irs *irs, u64 offset, u64 *val)
{
	int ret = irs_state_has(offset);

	if (ret)
		return ret;

	switch (offset) {
	case IRS_IST_BASER:
		*val = irs->ist_baser;
		break;
	case IRS_SPI_STATUSR:
	case IRS_PE_STATUSR:
		/* Whatever is selected */
		*val = STATUSR_IDLE;
		break;
	default:
		*val = read32(irs, offset);
	}

	return 0;
}

/* Can a VM be what this identification says, and be ours? */
static bool id_is_possible(struct irs *irs, u32 offset, u32 val)
{
	u32 bits, min;

	switch (offset) {
	case IRS_IDR0:
		/* Neither another domain nor anything optional */
		return !((val ^ IDR0_INT_DOM_NS) &
			 ~(IDR0_PA_RANGE | IDR0_IRSID));
	case IRS_IDR2:
		bits = FIELD_GET(IDR2_ID_BITS, val);
		min = FIELD_GET(IDR2_MIN_LPI_ID_BITS, val);
		return !((val ^ IDR2_LPI) &
			 ~(IDR2_ID_BITS | IDR2_MIN_LPI_ID_BITS)) &&
		       bits <= IRS_LPI_BITS && min >= IRS_LPI_BITS_MIN &&
		       min <= bits &&
		       (!irs->lpi_bits || val == read32(irs, offset));
	case IRS_IDR1:
	case IRS_IDR5:
	case IRS_IDR6:
	case IRS_IDR7:
		return val == read32(irs, offset);
	}

	return true;
}

/**
 * irs_state_set() - restore a register
 * @irs:    the IRS; its frame is locked, and no vCPU has run
 * @offset: from the start of the CONFIG frame
 * @val:    its value, as irs_state_get() has it
 *
 * IRS_IST_BASER makes no LPIs: irs_restore() does. Until then it can be written
 * again, in any order with IRS_IST_CFGR; see irs_lacks_lpis().
 *
 * Return: 0; as irs_state_has(); -EINVAL if the VM is another one, or its LPIs
 * are there and would be others.
 */
int irs_state_set(struct irs *irs, u64 offset, u64 val)
{
	int ret = irs_state_has(offset);

	if (ret)
		return ret;

	if (!id_is_possible(irs, offset, val))
		return -EINVAL;

	switch (offset) {
	case IRS_IDR0:
		irs->config.pa_range = FIELD_GET(IDR0_PA_RANGE, val);
		irs->irsid = FIELD_GET(IDR0_IRSID, val);
		break;
	case IRS_IDR2:
		irs->id_bits = FIELD_GET(IDR2_ID_BITS, val);
		irs->min_id_bits = FIELD_GET(IDR2_MIN_LPI_ID_BITS, val);
		break;
	case IRS_CR0:
		irs_enable(irs, val & CR0_IRSEN);
		break;
	case IRS_CR1:
	case IRS_SPI_SELR:
	case IRS_PE_SELR:
		write32(irs, offset, val);
		break;
	case IRS_IST_BASER:
		if (irs->lpi_bits && val != irs->ist_baser)
			return -EINVAL;
		irs->ist_baser = val;
		break;
	case IRS_IST_CFGR:
		if (irs->lpi_bits && (u32)val != irs->ist_cfgr)
			return -EINVAL;
		irs->ist_cfgr = val;
		break;
	}

	return 0;
}

/**
 * irs_lacks_lpis() - does IRS_IST_BASER promise LPIs that are not there?
 * @irs: the IRS
 *
 * Return: true if so: it was restored, and they were not. Such a guest cannot run.
 */
bool irs_lacks_lpis(const struct irs *irs)
{
	return irs->ist_baser & IST_BASER_VALID && !irs->lpi_bits;
}

/**
 * irs_state_sizes() - do these buffers hold what is to be saved or restored?
 * @irs:       the IRS; its frame is locked
 * @restore:   or saved
 * @spi_bytes: size of the buffer for SPIs
 * @lpi_bytes: size of the one for LPIs
 *
 * Return: number of bits of LPI IDs, 0 if there are none; -EBUSY if there are
 * LPIs already; -ENXIO if there are none to be saved, though there have to be;
 * -EINVAL if the sizes are not right, or there cannot be such LPIs.
 */
int irs_state_sizes(const struct irs *irs, bool restore, u64 spi_bytes,
		    u64 lpi_bytes)
{
	u32 bits = 0;

	if (spi_bytes != irs->config.nr_spis * sizeof(u32))
		return -EINVAL;

	if (restore && irs->lpi_bits)
		return -EBUSY;
	if (!restore && irs_lacks_lpis(irs))
		return -ENXIO;

	if (irs->ist_baser & IST_BASER_VALID) {
		if (!ist_cfgr_is_legal(irs))
			return -EINVAL;
		bits = FIELD_GET(IST_CFGR_LPI_ID_BITS, irs->ist_cfgr);
	}

	if (lpi_bytes != (bits ? sizeof(u32) << bits : 0))
		return -EINVAL;

	return bits;
}
