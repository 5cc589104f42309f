// SPDX-License-Identifier: GPL-2.0-only
/*
 * The frame of an IRS: its registers, as a guest reads and writes them. Plain C,
 * as irs.c. Nothing here takes time, so that all IDLE bits are always set.
 *
 * IRS_IST_BASER and IRS_IST_CFGR say that there are LPIs, and how many. The
 * guest's memory at that address is never looked at: LPIs are in irs.c.
 */
#include <vgicv5/irs.h>

#define IRS_IDR0		0x0000
#define IRS_IDR1		0x0004
#define IRS_IDR2		0x0008
#define IRS_IDR5		0x0014
#define IRS_IDR6		0x0018
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
		       FIELD_PREP(IDR0_PA_RANGE, config->pa_range);
	case IRS_IDR1:
		return FIELD_PREP(IDR1_PE_CNT, config->nr_cpus) |
		       FIELD_PREP(IDR1_IAFFID_BITS, config->iaffid_bits - 1) |
		       FIELD_PREP(IDR1_PRIORITY_BITS, config->pri_bits - 1);
	case IRS_IDR2:
		return FIELD_PREP(IDR2_ID_BITS, IRS_LPI_BITS) | IDR2_LPI |
		       FIELD_PREP(IDR2_MIN_LPI_ID_BITS, IRS_LPI_BITS_MIN);
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
static bool ist_cfgr_is_legal(u32 cfgr)
{
	u32 bits = FIELD_GET(IST_CFGR_LPI_ID_BITS, cfgr);

	return !(cfgr & (IST_CFGR_STRUCTURE | IST_CFGR_ISTSZ)) &&
	       bits >= IRS_LPI_BITS_MIN && bits <= IRS_LPI_BITS;
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
	if (is && (!ist_cfgr_is_legal(irs->ist_cfgr) ||
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
