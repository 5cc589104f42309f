/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The virtual CPU interface of the CPU we run on: load and save, no policy.
 * Nothing outside ich.c and irs.c touches a GICv5 register.
 *
 * All functions are for VHE, at EL2. Preemption is disabled; those that a vCPU
 * needs between load and put may be called with interrupts disabled or not.
 *
 * Barriers. Direct reads of a register see earlier direct writes to it, and
 * entering the guest (ERET) and leaving it (exception entry) are context
 * synchronization events: what is written here takes effect in the guest, and
 * what the guest did is seen here, without an ISB.
 */
#ifndef __VGICV5_HW_ICH_H
#define __VGICV5_HW_ICH_H

#include <vgicv5/irs.h>
#include <vgicv5/ppi.h>

/**
 * struct ich_traps - fine-grained traps while a vCPU is loaded
 * @read:      ICH_HFGRTR_EL2
 * @write:     ICH_HFGWTR_EL2
 * @configure: of ICH_HFGITR_EL2, what ich_traps_open_irs() has opened
 *
 * Other instructions are trapped alike for all, but for ich_traps_signal().
 */
struct ich_traps {
	u64 read;
	u64 write;
	u64 configure;
};

/**
 * struct ich_cpu_id - what the CPU interface of a CPU has
 * @implemented: a bit for each PPI that exists
 * @level:	 a bit for each level PPI, ICC_PPI_HMRn_EL1
 * @pri_bits:	 number of priority bits
 */
struct ich_cpu_id {
	u64 implemented[PPI_BANKS];
	u64 level[PPI_BANKS];
	unsigned int pri_bits;
};

bool ich_probe(struct ich_cpu_id *id);
void ich_cpu_up(void);
void ich_cpu_down(bool leave_on);
void ich_forget(void);
void ich_deactivate_physical(const u64 *ppis);

void ich_traps_init(struct ich_traps *traps, const struct ppi_vm *vm);
void ich_traps_activate(const struct ich_traps *traps);
void ich_traps_signal(const struct ich_traps *traps, u32 old, u32 new);
void ich_traps_deactivate(void);

void ich_load(const struct ppi_image *img, const struct ppi_vm *vm,
	      const u64 *prio);
void ich_read(struct ppi_image *img, const struct ppi_vm *vm);
void ich_read_masks(struct ppi_image *img);
void ich_save(struct ppi_image *img, const struct ppi_vm *vm);
void ich_end_direct(void);
void ich_update_pendr(const struct ppi_vm *vm, const u64 *set,
		      const u64 *clear);
void ich_write_enabler(unsigned int n, u64 val);
void ich_write_priorityr(const struct ppi_vm *vm, unsigned int n, u64 val);

/* For VMs that are in the host's IRS: irs.c */
void ich_traps_open_irs(struct ich_traps *traps);
bool ich_enter_vpe(u16 vm, u16 vpe, bool enabled);
void ich_leave_vpe(void);
void ich_leave_vpe_ring(unsigned int prio);

#endif /* __VGICV5_HW_ICH_H */
