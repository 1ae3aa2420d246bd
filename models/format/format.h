/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* format.h: readers of what a checkpoint directory holds.  All input is
 * untrusted: anything wrong is an error that names the file, the entry, what
 * was found and what was expected. */

#pragma once

#include <json-glib/json-glib.h>
#include "ocl/ocl.h"

G_BEGIN_DECLS

#define FORMAT_ERROR (format_error_quark ())
GQuark format_error_quark (void);

typedef enum
{
  FORMAT_ERROR_NOT_FOUND,       /* a file or a tensor that must be there */
  FORMAT_ERROR_READ,            /* the system could not read it */
  FORMAT_ERROR_CORRUPT,         /* truncated, overlapping, not what it claims */
  FORMAT_ERROR_MISMATCH,        /* a well-formed value that does not fit */
  FORMAT_ERROR_UNSUPPORTED      /* well-formed, but of a kind not read here */
} FormatError;

/* ---- safetensors ------------------------------------------------------- */

/* The tensors of one model part: one memory-mapped safetensors file, or the
 * shards that an index names. */
typedef struct _TensorStore TensorStore;

/* Opens DIR/NAME.safetensors, or DIR/NAME.safetensors.index.json and its shards,
 * for the first of @names (NULL-terminated) of which either exists. */
TensorStore *tensor_store_open (const char *directory,
    const char *const *names, GError ** error);
/* One file. */
TensorStore *tensor_store_open_file (const char *path, GError ** error);
/* One file in memory; @path names it in messages. */
TensorStore *tensor_store_open_bytes (GBytes * bytes, const char *path,
    GError ** error);
TensorStore *tensor_store_ref (TensorStore * store);
void tensor_store_unref (TensorStore * store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TensorStore, tensor_store_unref)

const char *tensor_store_get_path (TensorStore * store);        /* for messages */
gboolean tensor_store_has (TensorStore * store, const char *name);
/* NULL-terminated, owned by the store, sorted. */
const char *const *tensor_store_get_names (TensorStore * store);
/* "__metadata__" of the first file, or NULL. */
const char *tensor_store_get_metadata (TensorStore * store, const char *key);
/* @array points into the mapping and lives as long as the store; its data may
 * lie at any address, aligned or not, and vanish with SIGBUS if somebody cuts
 * the file short meanwhile. With @n_dims > 0 the shape must be the gsize values
 * that follow it (G_MAXSIZE: any); an error says what was found and expected.
 * Scalars: n_dims 0. Numbers are as they are stored, without scales. Files with types that OclType lacks open; such a tensor
 * cannot be got. */
gboolean tensor_store_get (TensorStore * store, const char *name,
    OclHostArray * array, GError ** error, guint n_dims, ...);
/* The same for weights: of any type that ocl_type_is_weight(), else an error
 * that says which was found; with their scales, which are a tensor of their own,
 * of floats, that has one value, or one for each row of the first dimension:
 *
 *     X.weight       X.weight_scale, or X.scale_weight (ComfyUI's name)
 *     any other      that name and "_scale"
 *
 * I8 must have one. */
gboolean tensor_store_get_weight (TensorStore * store, const char *name,
    OclHostArray * array, GError ** error, guint n_dims, ...);

/* ---- JSON configurations ------------------------------------------------ */

/* An object read from a file; get functions fail on a wrong type or a value
 * outside min ... max, and name file and key. A missing (or null) key gives
 * the fallback. */
typedef struct _Config Config;

Config *config_open (const char *path, GError ** error);
/* What a file has as a text within it; @path is the file's, for messages. */
Config *config_open_text (const char *text, const char *path, GError ** error);
Config *config_ref (Config * config);
void config_unref (Config * config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Config, config_unref)

const char *config_get_path (Config * config);
gboolean config_has (Config * config, const char *key);
gboolean config_get_int (Config * config, const char *key, gint64 fallback,
    gint64 min, gint64 max, gint64 * value, GError ** error);
gboolean config_get_double (Config * config, const char *key, double fallback,
    double min, double max, double *value, GError ** error);
gboolean config_get_bool (Config * config, const char *key, gboolean fallback,
    gboolean * value, GError ** error);
/* @value is owned by the config; @fallback may be NULL. */
gboolean config_get_string (Config * config, const char *key,
    const char *fallback, const char **value, GError ** error);
/* *values stays NULL and *n 0 if the key is missing; else g_free() it. At most
 * @max_n values. Booleans count as 0 and 1. */
gboolean config_get_ints (Config * config, const char *key, guint max_n,
    gint64 min, gint64 max, gint64 ** values, guint * n, GError ** error);
gboolean config_get_doubles (Config * config, const char *key, guint max_n,
    double **values, guint * n, GError ** error);
/* The members of the object under @key, all strings, in the order of the file:
 * NULL-terminated, g_strfreev() both. Missing: empty ones. At most @max_n; names
 * and values of 1 to @max_length bytes. */
gboolean config_get_texts (Config * config, const char *key, guint max_n,
    guint max_length, char ***names, char ***values, GError ** error);
/* The path of the file that the string under @key names, in the directory of the
 * configuration and nowhere else; NULL if the key is missing; g_free() */
gboolean config_get_file (Config * config, const char *key, char **path,
    GError ** error);

/* ---- words ---------------------------------------------------------------- */

/* The words that a checkpoint was taught: one a line, or a phrase of several.
 * UTF-8, in any case, at most 4 MiB. */
typedef struct _WordList WordList;

WordList *word_list_open (const char *path, GError ** error);
void word_list_free (WordList * list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WordList, word_list_free)

/* Adds the words of @text (UTF-8) that are not in the list to @unknown, of char *:
 * lower case, in order, once each; no more once there are WORD_LIST_MAX_UNKNOWN;
 * long ones are cut. Known are also plurals, "-s", "-ing" and "-ed" of what is in
 * the list; anything with a digit in it is known. */
#define WORD_LIST_MAX_UNKNOWN 32
void word_list_find_unknown (WordList * list, const char *text,
    GPtrArray * unknown);

/* ---- tokenizer ------------------------------------------------------------ */

/* A SentencePiece model with the T5 conventions ("</s>" appended), and the
 * special tokens that a tokenizer_config.json beside it adds. */
typedef struct _Tokenizer Tokenizer;

Tokenizer *tokenizer_open (const char *path, GError ** error);
void tokenizer_free (Tokenizer * tokenizer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Tokenizer, tokenizer_free)

/* One more than the highest id: an embedding needs as many rows. */
guint tokenizer_get_size (Tokenizer * tokenizer);
/* What diffusers' Wan pipeline does to a prompt first: ftfy.fix_text (but for the
 * repair of wrong encodings), HTML unescaped twice, white space collapsed,
 * stripped. @text must be UTF-8. */
char *prompt_clean (const char *text);
/* Ids of @text, eos included, at most @max_tokens (the last is then eos and
 * *truncated TRUE). *n: how many. *unknown: how many unknown pieces, or NULL. */
gint32 *tokenizer_encode (Tokenizer * tokenizer, const char *text,
    guint max_tokens, guint * n, gboolean * truncated, guint * unknown,
    GError ** error);

G_END_DECLS
