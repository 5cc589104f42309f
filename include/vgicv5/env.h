/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the core needs from where it runs: types, barriers, and words that more
 * than one CPU writes. The one place where kernel and userspace builds differ.
 */
#ifndef __VGICV5_ENV_H
#define __VGICV5_ENV_H

#ifdef __KERNEL__

#include <linux/array_size.h>
#include <linux/atomic.h>
#include <linux/bitfield.h>
#include <linux/bitops.h>
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/nospec.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/types.h>

typedef atomic64_t ppi_word_t;

/* Those that return the old value are full barriers */
#define ppi_word_read(w)		((u64)atomic64_read(w))
#define ppi_word_set(w, v)		atomic64_set(w, v)
#define ppi_word_fetch_or(w, v)		((u64)atomic64_fetch_or(v, w))
#define ppi_word_fetch_andnot(w, v)	((u64)atomic64_fetch_andnot(v, w))
#define ppi_word_xchg(w, v)		((u64)atomic64_xchg(w, v))

typedef raw_spinlock_t irs_lock_t;

/*
 * Held to the end of the scope, with interrupts off, for injectors have them off
 * too. Sparse does not see the end of a scope, and is told of neither.
 */
DEFINE_LOCK_GUARD_1(irs_lock, irs_lock_t,
		    ({
			raw_spin_lock_irqsave(_T->lock, _T->flags);
			__release(_T->lock);
		    }),
		    ({
			__acquire(_T->lock);
			raw_spin_unlock_irqrestore(_T->lock, _T->flags);
		    }),
		    unsigned long flags)

#define irs_lock_init(l)		raw_spin_lock_init(l)
#define irs_guard(l)			guard(irs_lock)(l)
#define irs_assert_held(l)		lockdep_assert_held(l)

/* To the end of the scope; irs_synchronize() waits for all that have begun */
#define irs_reading()			guard(rcu)()
#define irs_synchronize()		synchronize_rcu()

typedef atomic_t irs_count_t;

#define irs_count_read(c)		((u32)atomic_read(c))
/* A full barrier, as the one above */
#define irs_count_inc(c)		((u32)atomic_inc_return(c))
#define irs_count_dec(c)		atomic_dec(c)

/* Zeroed, and the VMM's cgroup pays */
#define irs_zalloc(size)		kzalloc(size, GFP_KERNEL_ACCOUNT)
#define irs_free(p)			kfree(p)

#else

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t u64;
typedef uint32_t u32;
typedef uint16_t u16;
typedef uint8_t u8;
typedef u64 ppi_word_t;

#define BIT(n)				(1UL << (n))
#define BIT_ULL(n)			(1ULL << (n))
#define GENMASK(h, l)			((~0UL << (l)) & (~0UL >> (63 - (h))))
#define GENMASK_ULL(h, l)		((~0ULL << (l)) & (~0ULL >> (63 - (h))))
#define FIELD_GET(mask, v)		(((v) & (mask)) / ((mask) & -(mask)))
#define FIELD_PREP(mask, v)		(((v) * ((mask) & -(mask))) & (mask))
#define ARRAY_SIZE(a)			(sizeof(a) / sizeof((a)[0]))
#define array_index_nospec(i, size)	((i) < (size) ? (i) : 0)

#define likely(x)			(x)

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
/* The old value; a full barrier */
#define cmpxchg(p, old, new)						\
	ppi_shared(({							\
		__typeof__(*(p)) __old = (old);				\
		__atomic_compare_exchange_n(p, &__old, new, false,	\
					    __ATOMIC_SEQ_CST,		\
					    __ATOMIC_SEQ_CST);		\
		__old;							\
	}))

typedef u32 irs_lock_t;
typedef u32 irs_count_t;

/* The test has these: how to wait, what may fail, and what is not allowed */
void irs_lock(irs_lock_t *lock);
void irs_unlock(irs_lock_t *lock);
void irs_read_lock(void);
void irs_read_unlock(void);
void irs_synchronize(void);
void irs_assert_held(irs_lock_t *lock);
void *irs_zalloc(size_t size);
void irs_free(void *p);

#define irs_lock_init(l)		(*(l) = 0)

/* Until the end of the scope */
#define irs_guard(l)							\
	irs_lock_t *__guard						\
	__attribute__((cleanup(irs_guard_end), unused)) = irs_guard_begin(l)
#define irs_reading()							\
	irs_lock_t *__reading						\
	__attribute__((cleanup(irs_reading_end), unused)) =		\
		irs_reading_begin()

static inline irs_lock_t *irs_guard_begin(irs_lock_t *lock)
{
	irs_lock(lock);
	return lock;
}

static inline void irs_guard_end(irs_lock_t **lock)
{
	irs_unlock(*lock);
}

static inline irs_lock_t *irs_reading_begin(void)
{
	irs_read_lock();
	return NULL;
}

static inline void irs_reading_end(irs_lock_t **unused)
{
	irs_read_unlock();
}

#define irs_count_read(c)						\
	ppi_shared(__atomic_load_n(c, __ATOMIC_RELAXED))
#define irs_count_inc(c)						\
	ppi_shared(__atomic_add_fetch(c, 1, __ATOMIC_SEQ_CST))
#define irs_count_dec(c)						\
	((void)ppi_shared(__atomic_sub_fetch(c, 1, __ATOMIC_RELAXED)))

#endif

#endif /* __VGICV5_ENV_H */
