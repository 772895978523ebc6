/*
 * reduce.h - inverse questions, solved from the record, not by searching a grid. Records never fall with b or s, so
 * bisection over whole numbers gives exactly the answer of a scan.
 */
#ifndef KERNELS_REDUCE_REDUCE_H
#define KERNELS_REDUCE_REDUCE_H

#include "kernels/eval/eval.h"

/** Largest b in 1..limit whose charge at context s is <= capacity [bytes]; 0 when not even 1 fits. */
double kern_max_batch(const kern_record *r, double s, double capacity, double limit);

/** Largest s in 1..limit whose charge at batch b is <= capacity [bytes]; 0 when not even 1 token fits. */
double kern_max_context(const kern_record *r, double b, double capacity, double limit);

/**
 * Smallest s in 1..limit at which component `x` is at least component `y` for batch b (KV cache = weights).
 * Both must not fall with s and y must be constant in s. 0 when it never is.
 */
double kern_crossover(const kern_record *r, double b, kern_component x, kern_component y, double limit);

/**
 * Tokens of cache that fit beside everything else, over sequences of s tokens: s x (capacity - rest) / cache of one
 * sequence, for the pipeline stage with the least room. 0 when there is no cache or no room.
 * Source: how vLLM states its capacity (maximum concurrency x maximum length).
 */
double kern_kv_capacity(const kern_record *r, double s, double capacity);

#endif
