/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The virtual CPU interface of the CPU we run on. Nothing outside ich.c
 * touches a GICv5 register.
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

#include <vgicv5/ppi.h>

/**
 * struct ich_traps - fine-grained traps while a vCPU is loaded
 * @read:  ICH_HFGRTR_EL2
 * @write: ICH_HFGWTR_EL2
 *
 * Instructions are trapped alike for all.
 */
struct ich_traps {
	u64 read;
	u64 write;
};

bool ich_probe(u64 *implemented, u64 *level, unsigned int *pri_bits);
void ich_cpu_up(void);
void ich_cpu_down(void);

void ich_traps_init(struct ich_traps *traps, const struct ppi_vm *vm);
void ich_traps_open(const struct ich_traps *traps);
void ich_traps_close(void);

void ich_enter(struct ppi_cpu *cpu, const struct ppi_vm *vm);
void ich_leave(struct ppi_cpu *cpu, const struct ppi_vm *vm);
void ich_flush(struct ppi_cpu *cpu, const struct ppi_vm *vm, u64 *set,
	       u64 *clear);
void ich_write_enabler(unsigned int n, u64 val);

#endif /* __VGICV5_HW_ICH_H */
