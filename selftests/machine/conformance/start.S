/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entry, exception vectors, and the way from EL2 to a lower exception level
 * and back.
 */

	.section .head, "ax"
	.globl	_start
_start:
	b	begin			// the header of a Linux Image:
	nop
	.quad	0x200000		// text_offset
	.quad	__image_size
	.quad	0xa			// 4 KiB pages, anywhere in memory
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	0

	.text
begin:
	mov	x19, x0			// the device tree
	mrs	x0, CurrentEL
	cmp	x0, #(2 << 2)
	b.ne	.			// needs virtualization=on
	ldr	x0, =el2_stack_top
	mov	sp, x0
	ldr	x0, =__bss_start
	ldr	x1, =__bss_end
1:	cmp	x0, x1
	b.hs	2f
	str	xzr, [x0], #8
	b	1b
2:	ldr	x0, =el2_vectors
	msr	vbar_el2, x0
	ldr	x0, =el1_vectors
	msr	vbar_el1, x0
	ldr	x0, =0x30c50830		// RES1 bits, MMU and caches off
	msr	sctlr_el2, x0
	ldr	x0, =0x30d50980
	msr	sctlr_el1, x0
	isb
	mov	x0, x19
	bl	run_all
	b	.

/* Another CPU begins here, and waits for what it is to do. */
	.globl	cpu1_start
cpu1_start:
	ldr	x0, =cpu1_stack_top
	mov	sp, x0
	ldr	x0, =el2_vectors
	msr	vbar_el2, x0
	ldr	x0, =0x30c50830
	msr	sctlr_el2, x0
	ldr	x0, =0x80000000		// RW: as the host
	msr	hcr_el2, x0
	isb
	bl	cpu1_main
	b	.

/*
 * void enter(u64 function, u64 argument, u64 return_address, u64 pstate)
 *
 * Call a function at EL1 or EL0. Comes back on the first exception that is
 * taken to EL2; "came_back" then says which.
 */
	.globl	enter
enter:
	stp	x19, x20, [sp, #-96]!
	stp	x21, x22, [sp, #16]
	stp	x23, x24, [sp, #32]
	stp	x25, x26, [sp, #48]
	stp	x27, x28, [sp, #64]
	stp	x29, x30, [sp, #80]
	msr	elr_el2, x0
	msr	spsr_el2, x3
	mov	x30, x2
	ldr	x4, =el1_stack_top
	msr	sp_el1, x4
	ldr	x4, =el0_stack_top
	msr	sp_el0, x4
	mov	x0, x1
	eret

/* Where functions at EL1 and EL0 return to. */
	.globl	el1_return, el0_return
el1_return:
	hvc	#0
el0_return:
	svc	#0

	.macro	lower, kind
	.balign	0x80
	stp	x0, x1, [sp, #-16]!
	mov	x1, #\kind
	b	leave
	.endm

	.macro	bad
	.balign	0x80
	b	unexpected
	.endm

	.balign	0x800
el2_vectors:
	bad
	bad
	bad
	bad
	.balign	0x80
	b	el2_sync
	.balign	0x80
	b	el2_irq
	bad
	bad
	lower	0
	lower	1
	lower	2
	lower	3
	bad
	bad
	bad
	bad

	.balign	0x800
el1_vectors:
	.set	n, 0
	.rept	16
	.balign	0x80
	hvc	#(0x10 + n)
	.set	n, n + 1
	.endr

leave:
	ldr	x0, =came_back
	str	x1, [x0]		// which vector
	mrs	x1, esr_el2
	str	x1, [x0, #8]
	mrs	x1, elr_el2
	str	x1, [x0, #16]
	mrs	x1, spsr_el2
	str	x1, [x0, #24]
	ldr	x1, [sp], #16
	str	x1, [x0, #32]		// x0
	ldp	x21, x22, [sp, #16]
	ldp	x23, x24, [sp, #32]
	ldp	x25, x26, [sp, #48]
	ldp	x27, x28, [sp, #64]
	ldp	x29, x30, [sp, #80]
	ldp	x19, x20, [sp], #96
	ret

/* A fault at EL2 is counted and the instruction skipped. */
el2_sync:
	stp	x0, x1, [sp, #-16]!
	ldr	x0, =el2_faults
	ldr	x1, [x0]
	add	x1, x1, #1
	str	x1, [x0]
	cmp	x1, #0x1000
	b.hs	unexpected
	mrs	x1, esr_el2
	str	x1, [x0, #8]
	mrs	x1, elr_el2
	str	x1, [x0, #16]
	add	x1, x1, #4
	msr	elr_el2, x1
	ldp	x0, x1, [sp], #16
	eret

/* An interrupt at EL2 is counted and further ones are masked. */
el2_irq:
	stp	x0, x1, [sp, #-16]!
	ldr	x0, =el2_irqs
	ldr	x1, [x0]
	add	x1, x1, #1
	str	x1, [x0]
	mrs	x1, spsr_el2
	orr	x1, x1, #(1 << 7)
	orr	x1, x1, #(1 << 13)
	msr	spsr_el2, x1
	ldp	x0, x1, [sp], #16
	eret

unexpected:
	ldr	x0, =el2_stack_top
	mov	sp, x0
	mrs	x0, esr_el2
	mrs	x1, elr_el2
	mrs	x2, far_el2
	bl	bail_out
	b	.
