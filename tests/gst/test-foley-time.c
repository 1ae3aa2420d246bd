/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-foley-time.c: videoaudiofoley keeps time: at any rate, with any time stamps. */

#include "foley-helpers.h"

#define NONE GST_CLOCK_TIME_NONE
#define RATE 48000
#define MONO "audio/x-raw, format=F32LE, rate=48000, channels=1"

static guint64
samples_in (GstClockTime time, guint rate)
{
  return gst_util_uint64_scale (time, rate, GST_SECOND);
}

static void
drop_frames (Bench * bench)
{
  GstBuffer *buffer;

  while ((buffer = gst_harness_try_pull (bench->video)))
    gst_buffer_unref (buffer);
}

/* ---- ten minutes -------------------------------------------------------- */

static void
check_ten_minutes (int fps_n, int fps_d, guint rate)
{
  g_autofree char *caps = g_strdup_printf ("audio/x-raw, format=S16LE, "
      "rate=%u, channels=1", rate);
  g_auto (Bench) bench = bench_new (fps_n, fps_d, caps, NULL);
  guint64 frames = gst_util_uint64_scale_ceil (600, fps_n, fps_d);
  guint64 samples = 0;
  GstClockTime end = 0;
  Heard heard;

  fake_foley.silent = TRUE;
  for (guint64 i = 0; i <= frames; i++) {
    GstClockTime pts = gst_util_uint64_scale (i, GST_SECOND * fps_d, fps_n);

    g_assert_cmpint (bench_push (&bench, pts, bench.frame), ==, GST_FLOW_OK);
    heard = bench_hear (&bench);
    samples += heard.samples;
    g_assert_cmpuint (samples, ==, samples_in (pts, rate));
    if (heard.buffers) {
      g_assert_cmpuint (heard.start, ==, end);
      g_assert_cmpuint (pts - heard.stop, <=, GST_SECOND / rate + 1);
      end = heard.stop;
    }
    drop_frames (&bench);
  }
  g_assert_cmpuint (samples / rate, ==, 600);
}

static void
test_ten_minutes (void)
{
  check_ten_minutes (10, 1, 48000);
  check_ten_minutes (16, 1, 44100);
  check_ten_minutes (24000, 1001, 48000);
  check_ten_minutes (25, 1, 8000);
  check_ten_minutes (30000, 1001, 44100);
  check_ten_minutes (30, 1, 11025);
  check_ten_minutes (50, 1, 22050);
  check_ten_minutes (60000, 1001, 48000);
  check_ten_minutes (60, 1, 44100);
}

/* Frames come when they come, at a rate that nobody tells. */
static void
test_variable_rate (void)
{
  g_auto (Bench) bench = bench_new (0, 1, MONO, NULL);
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  GstClockTime pts = 0;
  guint64 samples = 0;

  while (pts < 600 * GST_SECOND) {
    g_assert_cmpint (bench_push (&bench, pts, NONE), ==, GST_FLOW_OK);
    samples += bench_hear (&bench).samples;
    g_assert_cmpuint (samples, ==, samples_in (pts, RATE));
    drop_frames (&bench);
    pts += g_rand_int_range (random, 1, 1000000000);
  }
}

/* ---- time stamps -------------------------------------------------------- */

static void
test_missing_timestamps (void)
{
  g_auto (Bench) bench = bench_new (30000, 1001, MONO, NULL);

  for (guint i = 0; i <= 3000; i++)
    g_assert_cmpint (bench_push (&bench, i == 10 ? 10 * bench.frame : NONE,
            NONE), ==, GST_FLOW_OK);
  g_assert_cmpuint (bench_hear (&bench).samples, ==,
      samples_in (10 * bench.frame + gst_util_uint64_scale (2990,
              GST_SECOND * 1001, 30000), RATE));
}

/* Without rate and duration there is no time but that of the first frame. */
static void
test_no_time_at_all (void)
{
  g_auto (Bench) bench = bench_new (0, 1, MONO, NULL);

  fake_foley.tail = GST_SECOND;
  for (guint i = 0; i < 100; i++)
    g_assert_cmpint (bench_push (&bench, NONE, NONE), ==, GST_FLOW_OK);
  g_assert_cmpuint (bench_hear (&bench).samples, ==, 0);
  bench_eos (&bench);
  g_assert_cmpuint (bench_hear (&bench).samples, ==, RATE);
  g_assert_cmpuint (gst_harness_buffers_received (bench.video), ==, 100);
}

/* With durations, but no rate. */
static void
test_durations_only (void)
{
  g_auto (Bench) bench = bench_new (0, 1, MONO, NULL);

  for (guint i = 0; i < 11; i++)
    g_assert_cmpint (bench_push (&bench, NONE, GST_SECOND / 10), ==,
        GST_FLOW_OK);
  g_assert_cmpuint (bench_hear (&bench).samples, ==, RATE);
}

static void
test_repeated_and_backwards (void)
{
  g_auto (Bench) bench = bench_new (10, 1, MONO, NULL);
  static const guint tenths[] = { 0, 1, 1, 1, 2, 1, 0, 2, 3, 3, 10, 4, 10, 11 };
  Heard heard;

  for (guint i = 0; i < G_N_ELEMENTS (tenths); i++)
    g_assert_cmpint (bench_push (&bench, tenths[i] * bench.frame, NONE), ==,
        GST_FLOW_OK);
  heard = bench_hear (&bench);
  g_assert_cmpuint (heard.samples, ==, samples_in (11 * bench.frame, RATE));
  g_assert_cmpuint (heard.disconts, ==, 1);
  g_assert_cmpuint (bench_get_stat (&bench, "frames"), ==, 14);
  g_assert_cmpuint (bench_get_stat (&bench, "seen"), ==, 6);
  bench_eos (&bench);
  g_assert_cmpuint (gst_harness_buffers_received (bench.video), ==, 14);
  for (guint i = 0; i < G_N_ELEMENTS (tenths); i++) {
    g_autoptr (GstBuffer) buffer = gst_harness_pull (bench.video);

    g_assert_cmpuint (GST_BUFFER_PTS (buffer), ==, tenths[i] * bench.frame);
  }
}

/* A frame that stands is sounded through, a jump is not. */
static void
test_jumps (void)
{
  g_auto (Bench) bench = bench_new (10, 1, MONO, NULL);
  g_autoptr (GstEvent) gap = NULL;
  GstClockTime start, duration;
  GstBuffer *buffer;
  Heard heard;

  bench_push (&bench, 0, NONE);
  bench_push (&bench, 59 * GST_SECOND, NONE);
  heard = bench_hear (&bench);
  g_assert_cmpuint (heard.samples, ==, 59 * RATE);
  g_assert_cmpuint (heard.disconts, ==, 1);

  bench_push (&bench, 200 * GST_SECOND, NONE);
  bench_push (&bench, 201 * GST_SECOND, NONE);
  heard = bench_hear (&bench);
  g_assert_cmpuint (heard.disconts, ==, 1);
  /* the frame that stood for its own tenth */
  g_assert_cmpuint (heard.first, ==, 59 * RATE);
  g_assert_cmpuint (heard.samples, ==, RATE / 10 + RATE);
  g_assert_cmpuint (heard.end, ==, 201 * RATE);
  g_assert_cmpuint (heard.stop, ==, 201 * GST_SECOND);
  gap = bench_find_event (bench.audio, GST_EVENT_GAP);
  gst_event_parse_gap (gap, &start, &duration);
  g_assert_cmpuint (start, ==, 59 * GST_SECOND + GST_SECOND / 10);
  g_assert_cmpuint (start + duration, ==, 200 * GST_SECOND);

  buffer = bench_make_frame (&bench, 210 * GST_SECOND, NONE);
  GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  g_assert_cmpint (gst_harness_push (bench.video, buffer), ==, GST_FLOW_OK);
  g_assert_cmpuint (bench_get_stat (&bench, "jumps"), ==, 2);
}

/* Numbers that no frame should have. */
static void
test_hostile_numbers (void)
{
  static const GstClockTime times[] = {
    0, 1, GST_CLOCK_TIME_NONE - 1, G_MAXINT64, (guint64) G_MAXINT64 + 1,
    GST_SECOND, 3, NONE, G_MAXUINT32
  };
  g_autoptr (GRand) random = g_rand_new_with_seed (2);

  for (guint round = 0; round < 50; round++) {
    g_auto (Bench) bench = bench_new (round % 3 ? G_MAXINT : 1,
        round % 2 ? G_MAXINT : 1, "audio/x-raw, rate=8000, channels=1", NULL);

    for (guint i = 0; i < 20; i++) {
      GstClockTime pts = times[g_rand_int_range (random, 0,
              G_N_ELEMENTS (times))];
      GstClockTime duration = times[g_rand_int_range (random, 0,
              G_N_ELEMENTS (times))];

      g_assert_cmpint (bench_push (&bench, pts, duration), ==, GST_FLOW_OK);
      if (g_rand_boolean (random))
        gst_harness_push_event (bench.video, gst_event_new_gap
            (MIN (pts, NONE - 1), duration));
      bench_hear (&bench);
    }
    bench_eos (&bench);
    bench_hear (&bench);
  }
}

/* ---- the end ------------------------------------------------------------ */

static void
test_tail (void)
{
  g_auto (Bench) bench = bench_new (10, 1, MONO, NULL);
  g_autoptr (GstEvent) eos = gst_event_new_eos ();
  guint32 seqnum = gst_event_get_seqnum (eos);
  Heard heard;

  fake_foley.tail = 2 * GST_SECOND;
  for (guint i = 0; i < 10; i++)
    bench_push (&bench, i * bench.frame, bench.frame);
  g_assert_true (gst_harness_push_event (bench.video, g_steal_pointer (&eos)));
  heard = bench_hear (&bench);
  /* from the last frame on, in steps of 50 ms */
  g_assert_cmpuint (heard.samples, ==, samples_in (9 * bench.frame, RATE)
      + 2 * RATE);
  g_assert_cmpuint (gst_harness_buffers_received (bench.video), ==, 10);
  for (guint i = 0; i < 2; i++) {
    eos = bench_find_event (i ? bench.video : bench.audio, GST_EVENT_EOS);
    g_assert_cmpuint (gst_event_get_seqnum (eos), ==, seqnum);
    gst_clear_event (&eos);
  }
}

static void
test_endless_tail (void)
{
  g_auto (Bench) bench = bench_new (10, 1, MONO, NULL);

  fake_foley.tail = 1000 * GST_SECOND;
  bench_push (&bench, 0, NONE);
  bench_push (&bench, bench.frame, NONE);
  bench_eos (&bench);
  g_assert_cmpuint (bench_hear (&bench).samples, ==,
      samples_in (2 * bench.frame, RATE) + 10 * RATE);
}

/* One frame, that stands as long as it says. */
static void
test_still (void)
{
  static const GstClockTime durations[] = { NONE, 0, GST_SECOND,
    5 * GST_SECOND
  };

  for (guint i = 0; i < G_N_ELEMENTS (durations); i++) {
    g_auto (Bench) bench = bench_new (0, 1, MONO, NULL);

    bench_push (&bench, 0, durations[i]);
    bench_eos (&bench);
    g_assert_cmpuint (bench_hear (&bench).samples, ==,
        durations[i] == NONE ? 0 : samples_in (durations[i], RATE));
    g_assert_cmpuint (gst_harness_buffers_received (bench.video), ==, 1);
  }
}

static void
test_gaps (void)
{
  g_auto (Bench) bench = bench_new (10, 1, MONO, NULL);
  g_autoptr (GstEvent) early = NULL;
  GstClockTime start, duration;
  Heard heard;

  gst_harness_push_event (bench.video, gst_event_new_gap (0, GST_SECOND));
  early = bench_find_event (bench.audio, GST_EVENT_GAP);
  gst_event_parse_gap (early, &start, &duration);
  g_assert_cmpuint (start, ==, 0);
  g_assert_cmpuint (duration, ==, GST_SECOND);

  bench_push (&bench, GST_SECOND, NONE);
  for (guint i = 0; i < 10; i++)
    gst_harness_push_event (bench.video, gst_event_new_gap (GST_SECOND
            + i * bench.frame, bench.frame));
  heard = bench_hear (&bench);
  g_assert_cmpuint (heard.samples, ==, RATE);
  g_assert_cmpuint (heard.start, ==, GST_SECOND);
  g_assert_cmpuint (gst_harness_buffers_received (bench.video), ==, 1);
  /* what comes where the gap ended, or a little before, is seen */
  bench_push (&bench, 2 * GST_SECOND, NONE);
  gst_harness_push_event (bench.video, gst_event_new_gap (2 * GST_SECOND,
          bench.frame + 2));
  bench_push (&bench, 2 * GST_SECOND + bench.frame, NONE);
  g_assert_cmpuint (bench_get_stat (&bench, "seen"), ==, 3);
}

/* ---- segments ----------------------------------------------------------- */

static void
push_seconds (Bench * bench, guint from, guint to)
{
  for (guint i = from * 10; i < to * 10; i++)
    g_assert_cmpint (bench_push (bench, i * bench->frame, bench->frame), ==,
        GST_FLOW_OK);
}

static GstSegment
make_segment (double rate, GstClockTime start, GstClockTime stop,
    GstClockTime base)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.rate = rate;
  segment.start = segment.time = start;
  segment.stop = stop;
  segment.base = base;
  segment.position = rate > 0 ? start : stop;
  return segment;
}

static GstSegment
last_segment (GstHarness * harness)
{
  g_autoptr (GstEvent) event = gst_pad_get_sticky_event (harness->sinkpad,
      GST_EVENT_SEGMENT, 0);
  const GstSegment *segment;

  g_assert_nonnull (event);
  gst_event_parse_segment (event, &segment);
  return *segment;
}

/* What is before the segment is passed, and not looked at. */
static void
test_segment_start (void)
{
  g_auto (Bench) bench = bench_new (10, 1, MONO, NULL);
  GstSegment segment = make_segment (1, 2 * GST_SECOND + GST_SECOND / 20,
      NONE, 7 * GST_SECOND), got;
  Heard heard;

  bench_push_segment (&bench, &segment);
  push_seconds (&bench, 0, 4);
  heard = bench_hear (&bench);
  got = last_segment (bench.audio);
  g_assert_cmpuint (heard.start, ==, segment.start);
  g_assert_cmpuint (heard.first, ==, 7 * RATE);
  g_assert_cmpuint (heard.samples, ==,
      samples_in (39 * bench.frame - segment.start, RATE));
  g_assert_cmpuint (gst_segment_to_running_time (&got, GST_FORMAT_TIME,
          heard.start), ==, 7 * GST_SECOND);
  g_assert_cmpuint (bench_get_stat (&bench, "seen"), ==, 20);
  bench_eos (&bench);
  g_assert_cmpuint (gst_harness_buffers_received (bench.video), ==, 40);
}

/* Twice as fast: half the sound, at its own pitch. */
static void
test_rates (void)
{
  static const double rates[] = { 2, 0.5, 1.25 };

  for (guint i = 0; i < G_N_ELEMENTS (rates); i++) {
    g_auto (Bench) bench = bench_new (10, 1, MONO, NULL);
    GstSegment segment = make_segment (rates[i], GST_SECOND, NONE, 0), got;
    Heard heard;

    bench_push_segment (&bench, &segment);
    push_seconds (&bench, 1, 6);
    heard = bench_hear (&bench);
    got = last_segment (bench.audio);
    g_assert_cmpuint (heard.samples, ==,
        samples_in (49 * bench.frame / rates[i], RATE));
    g_assert_cmpfloat (got.rate, ==, 1);
    g_assert_cmpfloat (got.applied_rate, ==, rates[i]);
    g_assert_cmpuint (gst_segment_to_running_time (&got, GST_FORMAT_TIME,
            heard.stop), ==, 49 * bench.frame / rates[i]);
    g_assert_cmpuint (gst_segment_to_stream_time (&got, GST_FORMAT_TIME,
            heard.stop), ==, GST_SECOND + 49 * bench.frame);
    g_assert_cmpuint (heard.silent, ==, 0);
  }
}

/* Backwards there is silence, in time. */
static void
test_reverse (void)
{
  g_auto (Bench) bench = bench_new (10, 1, MONO, NULL);
  GstSegment segment = make_segment (-1, 0, 5 * GST_SECOND, 0), got;
  Heard heard;

  bench_push_segment (&bench, &segment);
  for (int i = 49; i >= 0; i--)
    g_assert_cmpint (bench_push (&bench, i * bench.frame, bench.frame), ==,
        GST_FLOW_OK);
  bench_eos (&bench);
  heard = bench_hear (&bench);
  got = last_segment (bench.audio);
  g_assert_cmpuint (heard.samples, ==, 5 * RATE);
  g_assert_cmpuint (heard.silent, ==, 5 * RATE);
  g_assert_cmpuint (fake_foley.seen, ==, 0);
  g_assert_cmpuint (gst_segment_to_running_time (&got, GST_FORMAT_TIME,
          heard.stop), ==, 5 * GST_SECOND);
  g_assert_cmpuint (gst_segment_to_stream_time (&got, GST_FORMAT_TIME,
          heard.stop), ==, 0);
}

static void
test_no_audio_wanted (void)
{
  g_auto (Bench) bench = bench_new (10, 1, MONO, NULL);
  GstSegment segment = make_segment (4, 0, NONE, 0);
  Heard heard;

  segment.flags = GST_SEGMENT_FLAG_TRICKMODE_NO_AUDIO;
  bench_push_segment (&bench, &segment);
  push_seconds (&bench, 0, 4);
  heard = bench_hear (&bench);
  g_assert_cmpuint (heard.silent, ==, samples_in (39 * bench.frame / 4, RATE));
  g_assert_cmpuint (heard.samples, ==, heard.silent);
  segment = make_segment (1, 4 * GST_SECOND, NONE, GST_SECOND);
  bench_push_segment (&bench, &segment);
  push_seconds (&bench, 4, 6);
  heard = bench_hear (&bench);
  g_assert_cmpuint (heard.samples - heard.silent, ==,
      samples_in (19 * bench.frame, RATE));
}

/* A loop without a flush: sound goes on. */
static void
test_loop (void)
{
  g_auto (Bench) bench = bench_new (10, 1, MONO, NULL);
  Heard heard;

  for (guint i = 0; i < 3; i++) {
    GstSegment segment = make_segment (1, GST_SECOND, 3 * GST_SECOND,
        i * 2 * GST_SECOND);

    bench_push_segment (&bench, &segment);
    push_seconds (&bench, 1, 3);
    g_assert_true (gst_harness_push_event (bench.video,
            gst_event_new_segment_done (GST_FORMAT_TIME, 3 * GST_SECOND)));
    heard = bench_hear (&bench);
    g_assert_cmpuint (heard.samples, ==, 2 * RATE);
    g_assert_cmpuint (heard.first, ==, i * 2 * RATE);
    g_assert_cmpuint (heard.start, ==, GST_SECOND);
    g_assert_cmpuint (heard.disconts, ==, i == 0);
  }
  g_assert_cmpint (fake_foley.made, ==, 1);
  g_assert_cmpuint (bench_get_stat (&bench, "seen"), ==, 60);
}

/* The same time again, without a flush: another beginning. */
static void
test_segment_goes_back (void)
{
  g_auto (Bench) bench = bench_new (10, 1, MONO, NULL);
  GstSegment segment = make_segment (1, 0, NONE, 0);
  Heard heard[2];

  for (guint i = 0; i < 2; i++) {
    segment.time = i * 100 * GST_SECOND;
    bench_push_segment (&bench, &segment);
    push_seconds (&bench, 0, 3);
    heard[i] = bench_hear (&bench);
  }
  /* the first of its last frame too */
  g_assert_cmpuint (heard[0].samples, ==, samples_in (29 * bench.frame, RATE));
  g_assert_cmpuint (heard[1].samples, ==, samples_in (bench.frame, RATE)
      + heard[0].samples);
  g_assert_cmpuint (heard[1].disconts, ==, 1);
}

/* Segments that only tell of another stop, or of nothing new. */
static void
test_segment_updates (void)
{
  g_auto (Bench) bench = bench_new (10, 1, MONO, NULL);
  GstSegment segment = make_segment (1, 0, NONE, 0);
  Heard heard;

  for (guint i = 0; i < 5; i++) {
    segment.stop = (10 + i) * GST_SECOND;
    segment.position = i * GST_SECOND;
    bench_push_segment (&bench, &segment);
    push_seconds (&bench, i, i + 1);
  }
  heard = bench_hear (&bench);
  g_assert_cmpuint (heard.samples, ==, samples_in (49 * bench.frame, RATE));
  g_assert_cmpuint (heard.disconts, ==, 1);
  g_assert_cmpint (fake_foley.made, ==, 1);
}

/* Frames without time stamps go on through an update. */
static void
test_update_without_timestamps (void)
{
  g_auto (Bench) bench = bench_new (10, 1, MONO, NULL);
  GstSegment segment = make_segment (1, 0, NONE, 0);

  for (guint i = 0; i < 21; i++) {
    segment.stop = (10 + i) * GST_SECOND;
    bench_push_segment (&bench, &segment);
    bench_push (&bench, NONE, NONE);
  }
  g_assert_cmpuint (bench_hear (&bench).samples, ==, 2 * RATE);
}

/* ---- sameness ----------------------------------------------------------- */

static void
flush (Bench * bench)
{
  gst_harness_push_event (bench->video, gst_event_new_flush_start ());
  gst_harness_push_event (bench->video, gst_event_new_flush_stop (TRUE));
}

/* The same frames sound the same after a flush as the first time. */
static void
test_flush (void)
{
  g_auto (Bench) bench = bench_new (10, 1, MONO, NULL);
  GstSegment segment = make_segment (1, 2 * GST_SECOND, NONE, 0);
  guint64 hashes[3], seen[3];

  for (guint i = 0; i < 3; i++) {
    Heard heard;

    bench_push_segment (&bench, &segment);
    push_seconds (&bench, 2, 4);
    heard = bench_hear (&bench);
    g_assert_cmpuint (heard.samples, ==, samples_in (19 * bench.frame, RATE));
    g_assert_cmpuint (heard.first, ==, 0);
    g_assert_cmpuint (heard.disconts, ==, 1);
    hashes[i] = heard.hash;
    seen[i] = fake_foley.seen_hash;
    flush (&bench);
  }
  g_assert_cmpuint (hashes[1], ==, hashes[0]);
  g_assert_cmpuint (hashes[2], ==, hashes[0]);
  g_assert_cmpuint (seen[1], ==, seen[0]);
  g_assert_cmpuint (seen[2], ==, seen[0]);
  g_assert_cmpint (fake_foley.made, ==, 3);
  /* what was held is gone */
  g_assert_cmpuint (gst_harness_buffers_received (bench.video), ==, 3 * 19);
}

/* The samples depend on the time, not on how it is cut into frames. */
static void
test_cut_differently (void)
{
  guint64 hashes[2];
  static const char *const formats[] = { "F32LE", "S16LE" };

  for (guint f = 0; f < 2; f++) {
    g_autofree char *caps = g_strdup_printf ("audio/x-raw, format=%s, "
        "rate=44100, channels=2", formats[f]);

    for (guint i = 0; i < 2; i++) {
      g_auto (Bench) bench = bench_new (0, 1, caps, NULL);

      for (guint n = 0; n <= 1000; n += i ? 50 : 125)
        bench_push (&bench, n * GST_MSECOND, NONE);
      hashes[i] = bench_hear (&bench).hash;
    }
    g_assert_cmpuint (hashes[1], ==, hashes[0]);
  }
}

int
main (int argc, char **argv)
{
  foley_init (&argc, &argv);
  foley_add ("/foley-time/ten-minutes", test_ten_minutes);
  foley_add ("/foley-time/variable-rate", test_variable_rate);
  foley_add ("/foley-time/missing-timestamps", test_missing_timestamps);
  foley_add ("/foley-time/no-time-at-all", test_no_time_at_all);
  foley_add ("/foley-time/durations-only", test_durations_only);
  foley_add ("/foley-time/repeated-and-backwards", test_repeated_and_backwards);
  foley_add ("/foley-time/jumps", test_jumps);
  foley_add ("/foley-time/hostile-numbers", test_hostile_numbers);
  foley_add ("/foley-time/tail", test_tail);
  foley_add ("/foley-time/endless-tail", test_endless_tail);
  foley_add ("/foley-time/still", test_still);
  foley_add ("/foley-time/gaps", test_gaps);
  foley_add ("/foley-time/segment-start", test_segment_start);
  foley_add ("/foley-time/rates", test_rates);
  foley_add ("/foley-time/reverse", test_reverse);
  foley_add ("/foley-time/no-audio-wanted", test_no_audio_wanted);
  foley_add ("/foley-time/loop", test_loop);
  foley_add ("/foley-time/segment-goes-back", test_segment_goes_back);
  foley_add ("/foley-time/segment-updates", test_segment_updates);
  foley_add ("/foley-time/update-without-timestamps",
      test_update_without_timestamps);
  foley_add ("/foley-time/flush", test_flush);
  foley_add ("/foley-time/cut-differently", test_cut_differently);
  return g_test_run ();
}
