/* SPDX-License-Identifier: Apache-2.0 */
/*
 * update: the parts of periplus-update, a program of its own (it links libcsv and expat).
 *
 *     update_program.c   main: read, compare, ask, swap
 *     update_state.c     the state directory and the files in it
 *     update_show.c      what changes, for a person
 */
#ifndef PERIPLUS_CLI_UPDATE_H
#define PERIPLUS_CLI_UPDATE_H

#include "import/import.h"
#include "map/map.h"

/* The two files that are swapped; the image is what programs read, so it is swapped last. */
#define STATE_FILES(F) F(FACTS, "registry.tsv") F(IMAGE, "registry.img")
#define F(name, file)  STATE_##name,
enum state_file { STATE_FILES(F) N_STATE_FILES };
#undef F

/* The directory of the registry in use, or a private one when nothing may change. */
struct state {
	char *path;
	int fd;
	bool is_scratch; /* state_done removes it */
};

/* Finds, makes and locks the directory: root's is /var/lib/periplus, a user's is
 * $XDG_STATE_HOME/periplus or ~/.local/state/periplus. -EACCES when it is not ours alone, -EAGAIN
 * when another update runs. */
int state_open(struct state *state, struct why *why) must_check;
/* A scratch directory under $TMPDIR for a dry run. */
int state_open_scratch(struct state *state, struct why *why) must_check;
void state_done(struct state *state);
/* Writes FILE.new whole and through to the disk. */
int state_stage(const struct state *state, enum state_file file, struct span bytes,
		struct why *why) must_check;
/* The map of the staged image, read back as programs will read it. */
struct map *state_staged_map(const struct state *state, struct why *why);
/* Keeps what is there as FILE.old and puts FILE.new in its place, the image last. */
int state_swap(const struct state *state, struct why *why) must_check;
/* Removes what was staged. */
void state_unstage(const struct state *state);

/* How much a newer registry answers differently. A number is a port with a transport. */
struct answers {
	size_t n_named;   /* numbers that have a name now */
	size_t n_changed; /* numbers whose names or standings differ */
};

void show_changes(struct buf *out, const struct changes *changes);
/* Compares all numbers, and lists the first that differ. */
struct answers show_answers(struct buf *out, const struct map *before, const struct map *after);

#endif
