/*
 * stop.h - signals that ask the process to end (Ctrl-C, SIGTERM, SIGHUP), heard by a thread of their own whatever the
 * others are at: a wait for input, a library, a sync. Work loops that ask stop_asked get a moment to end by themselves;
 * then what was noted with stop_undo_add is undone, newest first, and the process ends.
 */
#ifndef COMMON_STOP_H
#define COMMON_STOP_H

/** Something that must not be left behind: a temporary file, a stage, a child. Storage is the caller's, zeroed. */
typedef struct stop_undo {
    void (*act)(void *ctx); /* called by the listening thread, which owns nothing: no arena, no FILE of others */
    void *ctx;
    struct stop_undo *older, **from;
} stop_undo;

/**
 * Between these two the process is not ended: to make a thing and note its undo is one step, and so is to keep it and
 * drop the note. They nest, and hold back other threads that make things.
 */
void stop_hold(void);
void stop_release(void);

/** Notes an undo; while held. */
void stop_undo_add(stop_undo *u, void (*act)(void *ctx), void *ctx);

/** Forgets it; one that was never noted is fine. */
void stop_undo_drop(stop_undo *u);

/** Keeps the signals from every thread that is started from here on: the first thing main does. */
void stop_block(void);

/**
 * Starts to listen. `end` is called with the signal when the moment of grace is over and all is undone; it does not
 * return. NULL: stop_asked is all that happens. Without memory for a thread the signals end the process as they always
 * do.
 */
void stop_listen(void (*end)(int signal_number));

/** The signal that asked to end, 0 when none did. */
int stop_asked(void);

/** The exit status of a failed command as a shell has it: 128 and the signal when one asked to end; 0 stays 0. */
int stop_exit_status(int status);

#endif
