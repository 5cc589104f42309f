/* SPDX-License-Identifier: GPL-2.0-only */
/* Guest entry, vectors and context: 31 registers, ELR and SPSR on the stack. */

	.section guest_text, "ax"

	.globl	guest_start
	.type	guest_start, %function
guest_start:
	ldr	x9, [x0]			/* guest_cpu.stack_top */
	mov	sp, x9
	adr	x9, guest_vectors
	msr	vbar_el1, x9
	msr	tpidr_el1, x0
	isb
	ldr	x0, [x0, #24]			/* guest_cpu.arg */
	bl	guest_main
1:	b	1b
	.size	guest_start, . - guest_start

	/* PSCI hands over one register: the function is in saved_x0. */
	.globl	guest_start_psci
	.type	guest_start_psci, %function
guest_start_psci:
	ldr	x1, [x0, #8]			/* guest_cpu.saved_x0 */
	b	guest_start
	.size	guest_start_psci, . - guest_start_psci

	.macro	vector what
	.balign	128
	sub	sp, sp, #272
	stp	x0, x1, [sp]
	mov	x1, #\what
	b	guest_exception
	.endm

	.balign	2048
guest_vectors:
	vector	0		/* EL1t: never used */
	vector	0
	vector	0
	vector	0
	vector	1		/* EL1h: synchronous */
	vector	2		/* IRQ */
	vector	0		/* FIQ */
	vector	0		/* SError */
	vector	0		/* EL0: never used */
	vector	0
	vector	0
	vector	0
	vector	0
	vector	0
	vector	0
	vector	0

guest_exception:
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	stp	x10, x11, [sp, #80]
	stp	x12, x13, [sp, #96]
	stp	x14, x15, [sp, #112]
	stp	x16, x17, [sp, #128]
	stp	x18, x19, [sp, #144]
	stp	x20, x21, [sp, #160]
	stp	x22, x23, [sp, #176]
	stp	x24, x25, [sp, #192]
	stp	x26, x27, [sp, #208]
	stp	x28, x29, [sp, #224]
	mrs	x2, elr_el1
	mrs	x3, spsr_el1
	str	x30, [sp, #240]
	stp	x2, x3, [sp, #248]
	mov	x0, sp
	bl	guest_exception_c
	ldp	x2, x3, [sp, #248]
	msr	elr_el1, x2
	msr	spsr_el1, x3
	ldr	x30, [sp, #240]
	ldp	x28, x29, [sp, #224]
	ldp	x26, x27, [sp, #208]
	ldp	x24, x25, [sp, #192]
	ldp	x22, x23, [sp, #176]
	ldp	x20, x21, [sp, #160]
	ldp	x18, x19, [sp, #144]
	ldp	x16, x17, [sp, #128]
	ldp	x14, x15, [sp, #112]
	ldp	x12, x13, [sp, #96]
	ldp	x10, x11, [sp, #80]
	ldp	x8, x9, [sp, #64]
	ldp	x6, x7, [sp, #48]
	ldp	x4, x5, [sp, #32]
	ldp	x2, x3, [sp, #16]
	ldp	x0, x1, [sp]
	add	sp, sp, #272
	eret

	.section .note.GNU-stack, "", %progbits
