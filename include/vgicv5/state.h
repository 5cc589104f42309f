/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state of a VM as a VMM saves and restores it, in the form that Linux 7.4
 * has: registers of a vCPU, registers of the IRS, and entries of its tables.
 *
 * All of it is about a VM that stands still: no vCPU runs, or is resident. That
 * is for the caller to see to, as is that nothing is set of a VM that has run.
 * Injectors may go on. Whatever sets something has looked at all of it before it
 * changes anything: after an error all is as it was.
 *
 * What is set is not masked by what is exposed, for nothing is before the first
 * run; ppi_cpu_expose() masks it then.
 */
#ifndef __VGICV5_STATE_H
#define __VGICV5_STATE_H

#include <vgicv5/irs.h>
#include <vgicv5/ppi.h>

/*
 * Registers of a vCPU, as bits 15:0 of an attribute have them: op0 in 15:14, op1
 * in 13:11, CRn in 10:7, CRm in 6:3, op2 in 2:0.
 */
#define STATE_ICSR		0xc654
#define STATE_ENABLER(n)	(0xc656 + (n))
#define STATE_SACTIVER(n)	(0xc66a + (n))
#define STATE_SPENDR(n)		(0xc66e + (n))
#define STATE_PRIORITYR(n)	(0xc670 + (n))
#define STATE_APR		0xce00
#define STATE_CR0		0xce01
#define STATE_PCR		0xce02

/* A vCPU: state.c */
bool ppi_state_has(u32 reg);
int ppi_state_get(const struct ppi_cpu *cpu, const struct ppi_vm *vm, u32 reg,
		  u64 *val);
int ppi_state_set(struct ppi_cpu *cpu, const struct ppi_vm *vm, u32 reg,
		  u64 val);
void ppi_cpu_expose(struct ppi_cpu *cpu, const struct ppi_vm *vm);

/* The registers of the IRS, its frame locked: irs_frame.c */
int irs_state_has(u64 offset);
int irs_state_get(struct irs *irs, u64 offset, u64 *val);
int irs_state_set(struct irs *irs, u64 offset, u64 val);

/*
 * SPIs and LPIs, an L2_ISTE of 4 bytes each: irs_frame.c says how many they have
 * to be, irs.c saves and restores them.
 */
int irs_state_sizes(const struct irs *irs, bool restore, u64 spi_bytes,
		    u64 lpi_bytes);
bool irs_can_be(const struct irs *irs, const u32 *words, u32 nr);
bool irs_lacks_lpis(const struct irs *irs);
void irs_save(const struct irs *irs, u32 *spis, u32 *lpis);
int irs_restore(struct irs *irs, const u32 *spis, const u32 *lpis,
		unsigned int lpi_bits);

#endif /* __VGICV5_STATE_H */
