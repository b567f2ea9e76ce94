/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recording: a listing as text, in a directory of three files or as one stream. Private to the host
 * room; replay.c tells the form of the texts, recording_fields.c has the keys.
 */
#ifndef PERIPLUS_HOST_RECORDING_H
#define PERIPLUS_HOST_RECORDING_H

#include "host/survey.h"

enum { N_STATES = SOCKET_WAITING + 1, N_HIDDEN_FROM = FROM_PROC + 1 };

enum kind { KIND_TEXT, KIND_U16, KIND_U32, KIND_U64, KIND_FLAG };

struct field {
	const char *key;
	enum kind kind;
	size_t offset;
};

struct field_table {
	const struct field *rows;
	size_t n;
};

extern const struct field_table recording_process_fields; /* of struct process_row */
extern const struct field_table recording_socket_fields;  /* of struct socket_row */
extern const struct field_table recording_extra_fields;	  /* of struct socket_extra */
extern const struct field_table recording_listing_fields; /* of struct host_listing */
extern const struct field_table recording_info_fields;	  /* of struct host_info */
extern const char *const recording_states[N_STATES];
extern const char *const recording_hidden_from[N_HIDDEN_FROM]; /* NULL: nothing to say */

/* What a recording is made of, and the files that hold it. */
enum { N_RECORDING_TEXTS = 3, RECORDING_TEXT_MAX = 64 << 20 };
extern const char *const recording_names[N_RECORDING_TEXTS];

struct recording_texts {
	struct span host, processes, sockets;
};

/* One text of a recording, whole, in the arena. */
int recording_read(const char *directory, const char *name, struct arena *arena, struct span *text,
		   struct why *why) must_check;
/* A plain file, whole, in the arena. -EISDIR: it is a directory. */
int recording_read_file(const char *path, struct arena *arena, struct span *text,
			struct why *why) must_check;
/* Adds what was seen to the texts. */
void recording_write(const struct host_recording *recording, struct buf texts[N_RECORDING_TEXTS]);
/* The texts of a stream, which must be whole. False: it is no recording. */
bool recording_split(struct span stream, struct recording_texts *texts) must_check;

#endif
