/*
 * engine_llamacpp.h - what the files of the llama.cpp rules share: how many cells a cache has, how many tokens a
 * micro-batch has, which of a model's layers slide. n_ctx is context x batch, one sequence per slot.
 * Source: ggml-org/llama.cpp: src/llama-context.cpp, src/llama-kv-cache.cpp, src/llama-kv-cache-iswa.cpp.
 */
#ifndef KERNELS_LOWER_ENGINE_LLAMACPP_H
#define KERNELS_LOWER_ENGINE_LLAMACPP_H

#include "kernels/lower/internal.h"

enum {
    LLAMACPP_FLASH_PAGE = 256, /* flash attention reads cells in runs of this length */
    LLAMACPP_ALIGN = 128,      /* CUDA buffers: every tensor starts at a multiple */
    LLAMACPP_TAIL = 512,       /* CUDA: rows of quantized tensors are padded to this many elements, once per tensor */
    LLAMACPP_MOMENTS = 6       /* of the compute graph */
};

/** Bytes of a tensor on a CUDA device: `rows` rows of `cols` elements, tail and alignment included. */
double llamacpp_tensor_bytes(const kern_format *f, double rows, double cols);

/** What the tail and the alignment add to a tensor whose rows take whole multiples of 128 bytes together. */
double llamacpp_tail_bytes(const kern_format *f, double cols);

/** Sliding window or chunk of an attention part [tokens], 0: a cell per token (swa_full; models without SWA there). */
int64_t llamacpp_window(const kern_scenario *sc, const kern_part *p);

/** `bytes` x cells of one layer's cache over all streams; window 0: full. */
kern_term llamacpp_cells(const kern_engine *e, double bytes, int64_t window);

/** `bytes` x tokens of a micro-batch, at most `cap` of them. */
kern_term llamacpp_tokens(const kern_engine *e, double bytes, int64_t cap);

/** `bytes` x tokens of a micro-batch x cells of one stream. */
kern_term llamacpp_scores(const kern_engine *e, double bytes, int64_t window);

void llamacpp_weights(kern_lowering *l, const kern_stage *st, unsigned phase);
void llamacpp_kv_cache(kern_lowering *l, const kern_stage *st, unsigned phase);
void llamacpp_compute(kern_lowering *l, const kern_stage *st, unsigned phase);
unsigned llamacpp_moments(kern_lowering *l, const kern_stage *st);

#endif
