/*
 * lower.h - turn one combination into the record the kernels evaluate.
 * Reads catalog rows (borrowed), writes one kern_record; allocates nothing. The only place where memory formulas live.
 */
#ifndef KERNELS_LOWER_LOWER_H
#define KERNELS_LOWER_LOWER_H

#include "kernels/record.h"

/** Largest context and batch a record must stay exact for; tokens together stay below 2^40. */
typedef struct kern_bounds {
    double s_max; /* [tokens] */
    double b_max; /* [sequences] */
} kern_bounds;

/** Receives one line per term put into the record: the numbers that entered. Used by explain only. */
typedef void (*kern_trace)(void *ctx, const kern_term *term, const char *numbers);

/**
 * Lowers a scenario.
 *
 * @param sc      combination; weights resolved, layout valid
 * @param bounds  the record is proven exact up to here: total < 2^53 at (b_max, s_max)
 * @param r       out, overwritten
 * @param why     receives the reason on failure, DIAG_TEXT bytes
 * @param trace   NULL, or called for each term; terms are then left unmerged
 * @return ERR_OK, ERR_SCENARIO: impossible combination (tp does not divide the heads, ...), ERR_RANGE: beyond 2^53
 */
err kern_lower(const kern_scenario *sc, const kern_bounds *bounds, kern_record *r, char *why, kern_trace trace,
               void *trace_ctx);

/**
 * A record in halves: terms that look at the weight format, and all others. The two halves add up to the record, phase
 * by phase. The first is the same for all modes with the same kern_mode_weights and all K/V formats, so a sweep
 * lowers each once for many combinations. Published methods have no halves.
 */
typedef enum kern_half { KERN_HALF_WEIGHTS = 1, KERN_HALF_REST = 2, KERN_WHOLE = 3 } kern_half;

/** As kern_lower, half of it. The bound of 2^53 is proven for the half alone. */
err kern_lower_half(const kern_scenario *sc, const kern_bounds *bounds, kern_half half, kern_record *r, char *why);

/** What a mode does with the weight format: runs it, trains something beside it, or has weights of its own. */
typedef enum kern_weights_use { KERN_WEIGHTS_RUN, KERN_WEIGHTS_FROZEN, KERN_WEIGHTS_OWN } kern_weights_use;
kern_weights_use kern_mode_weights(const kern_mode *mode);

/** Trainable parameters of the mode on this model: all, or the LoRA adapters' (whole, before sharding). */
double kern_trainable_params(const kern_scenario *sc);

/** What stands beside weights and cache on every GPU, whatever is asked: forward pass, context, graphs. */
double kern_standing_bytes(const kern_scenario *sc);

/** Bytes of one model in a format as one device would hold it, vision towers and MTP layers included as asked. */
double kern_model_bytes(const kern_model *m, const kern_format *f, int with_mtp, int with_vision);

/** What a decoding step reads on one tensor-parallel rank over all pipeline stages. */
typedef struct kern_decode {
    double weights; /* [bytes] that every step reads: no routed experts, no input embedding unless it is the head */
    double experts; /* [bytes] of all routed experts, 0: none */
    double expert_share; /* experts of a token / experts it is routed among, mean over the layers */
    double cache_user;   /* [bytes] of K/V cache and state of one sequence of s tokens; NAN: sparse attention */
} kern_decode;

/**
 * Bytes of a step of a scenario that does not train; of its layout only tp counts. A batch of b sequences reads
 *
 *     weights + experts x (1 - (1 - expert_share)^b) + cache_user x b
 *
 * the middle one in expectation, if routing is uniform and independent.
 */
void kern_lower_decode(const kern_scenario *sc, double s, kern_decode *out);

/** Bytes of one tensor of rows x cols in a format (a mix must be resolved to a type first). Rounded up to whole bytes.
 */
double kern_tensor_bytes(const kern_format *f, double rows, double cols);

#endif
