/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the core needs from where it runs: types, and words that more than one
 * CPU writes. The one place where kernel and userspace builds differ.
 */
#ifndef __VGICV5_ENV_H
#define __VGICV5_ENV_H

#ifdef __KERNEL__

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/types.h>

typedef atomic64_t ppi_word_t;

#define ppi_word_read(w)		((u64)atomic64_read(w))
#define ppi_word_set(w, v)		atomic64_set(w, v)
#define ppi_word_fetch_or(w, v)		((u64)atomic64_fetch_or(v, w))
#define ppi_word_fetch_andnot(w, v)	((u64)atomic64_fetch_andnot(v, w))
#define ppi_word_xchg(w, v)		((u64)atomic64_xchg(w, v))

#define ppi_flag_read(f)		READ_ONCE(*(f))
/* Whoever takes the flag sees what was changed before */
#define ppi_flag_raise(f)		smp_store_release(f, 1)
#define ppi_flag_take(f)		xchg(f, 0)
/* Pairs with ppi_flag_raise() */
#define ppi_flag_acquire(f)		smp_load_acquire(f)

/* What it pairs with is said where it is used */
#define ppi_mb()			smp_mb()

#else

#include <stdbool.h>
#include <stdint.h>

typedef uint64_t u64;
typedef uint32_t u32;
typedef uint16_t u16;
typedef uint8_t u8;
typedef u64 ppi_word_t;

#define BIT_ULL(n)			(1ULL << (n))

#define ppi_word_read(w)		__atomic_load_n(w, __ATOMIC_RELAXED)
#define ppi_word_set(w, v)		__atomic_store_n(w, v, __ATOMIC_RELAXED)
#define ppi_word_fetch_or(w, v)		__atomic_fetch_or(w, v, __ATOMIC_SEQ_CST)
#define ppi_word_fetch_andnot(w, v)	__atomic_fetch_and(w, ~(v), __ATOMIC_SEQ_CST)
#define ppi_word_xchg(w, v)		__atomic_exchange_n(w, v, __ATOMIC_SEQ_CST)

#define ppi_flag_read(f)		__atomic_load_n(f, __ATOMIC_RELAXED)
#define ppi_flag_raise(f)		__atomic_store_n(f, 1, __ATOMIC_RELEASE)
#define ppi_flag_take(f)		__atomic_exchange_n(f, 0, __ATOMIC_SEQ_CST)
#define ppi_flag_acquire(f)		__atomic_load_n(f, __ATOMIC_ACQUIRE)

#define ppi_mb()			__atomic_thread_fence(__ATOMIC_SEQ_CST)

#define READ_ONCE(x)			__atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, v)		__atomic_store_n(&(x), v, __ATOMIC_RELAXED)

#endif

#endif /* __VGICV5_ENV_H */
