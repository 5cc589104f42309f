/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the core needs from where it runs: types, barriers, and words that more
 * than one CPU writes. The one place where kernel and userspace builds differ.
 */
#ifndef __VGICV5_ENV_H
#define __VGICV5_ENV_H

#ifdef __KERNEL__

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/types.h>

typedef atomic64_t ppi_word_t;

/* Those that return the old value are full barriers */
#define ppi_word_read(w)		((u64)atomic64_read(w))
#define ppi_word_set(w, v)		atomic64_set(w, v)
#define ppi_word_fetch_or(w, v)		((u64)atomic64_fetch_or(v, w))
#define ppi_word_fetch_andnot(w, v)	((u64)atomic64_fetch_andnot(v, w))
#define ppi_word_xchg(w, v)		((u64)atomic64_xchg(w, v))

#else

#include <stdbool.h>
#include <stdint.h>

typedef uint64_t u64;
typedef uint32_t u32;
typedef uint16_t u16;
typedef uint8_t u8;
typedef u64 ppi_word_t;

#define BIT_ULL(n)			(1ULL << (n))

/*
 * A test that interleaves several CPUs defines this: a function that is called
 * before each access to a word that they share, and may switch to another one.
 */
#ifdef PPI_YIELD
void PPI_YIELD(void);
#define ppi_shared(access)		({ PPI_YIELD(); access; })
#else
#define ppi_shared(access)		(access)
#endif

#define ppi_word_read(w)						\
	ppi_shared(__atomic_load_n(w, __ATOMIC_RELAXED))
#define ppi_word_set(w, v)						\
	ppi_shared(__atomic_store_n(w, v, __ATOMIC_RELAXED))
#define ppi_word_fetch_or(w, v)						\
	ppi_shared(__atomic_fetch_or(w, v, __ATOMIC_SEQ_CST))
#define ppi_word_fetch_andnot(w, v)					\
	ppi_shared(__atomic_fetch_and(w, ~(v), __ATOMIC_SEQ_CST))
#define ppi_word_xchg(w, v)						\
	ppi_shared(__atomic_exchange_n(w, v, __ATOMIC_SEQ_CST))

#define READ_ONCE(x)							\
	ppi_shared(__atomic_load_n(&(x), __ATOMIC_RELAXED))
#define WRITE_ONCE(x, v)						\
	ppi_shared(__atomic_store_n(&(x), v, __ATOMIC_RELAXED))
/* As in the kernel; what each pairs with is said where it is used */
#define smp_load_acquire(p)						\
	ppi_shared(__atomic_load_n(p, __ATOMIC_ACQUIRE))
/* Pairs with the acquires */
#define smp_store_release(p, v)						\
	ppi_shared(__atomic_store_n(p, v, __ATOMIC_RELEASE))
#define xchg(p, v)							\
	ppi_shared(__atomic_exchange_n(p, v, __ATOMIC_SEQ_CST))
/* Everything before, everything after */
#define smp_mb()			__atomic_thread_fence(__ATOMIC_SEQ_CST)
/* Stores; at least */
#define smp_wmb()			__atomic_thread_fence(__ATOMIC_RELEASE)
/* Loads; at least */
#define smp_rmb()			__atomic_thread_fence(__ATOMIC_ACQUIRE)

#endif

#endif /* __VGICV5_ENV_H */
