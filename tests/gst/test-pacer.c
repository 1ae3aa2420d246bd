/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-pacer.c: what a live source shows when, without a clock. */

#include "gstditpacer.h"

#define FPS 24
#define FRAMES(n) gst_util_uint64_scale (n, GST_SECOND, FPS)
/* Slots start anywhere. */
#define START (7 * GST_SECOND + 3)

static GstDitPacer
pacer_new (void)
{
  GstDitPacer pacer;

  gst_dit_pacer_init (&pacer, FPS);
  return pacer;
}

/* A frame for slot @slot of those that begin at @start. */
static void
assert_frame (GstDitPace pace, GstDitPaceKind kind, GstClockTime start,
    guint64 slot)
{
  g_assert_cmpint (pace.kind, ==, kind);
  g_assert_cmpuint (pace.time, ==, start + FRAMES (slot));
  g_assert_cmpuint (pace.duration, ==, FRAMES (slot + 1) - FRAMES (slot));
}

static void
assert_wait (GstDitPace pace, GstClockTime until)
{
  g_assert_cmpint (pace.kind, ==, GST_DIT_PACE_WAIT_UNTIL);
  g_assert_cmpuint (pace.time, ==, until);
}

/* Fills slots up to @n, each on time. */
static void
show_frames (GstDitPacer * pacer, GstClockTime start, guint64 from, guint64 n)
{
  for (guint64 slot = from; slot < n; slot++) {
    GstDitPace pace;

    if (slot)
      assert_wait (gst_dit_pacer_next (pacer, start + FRAMES (slot) - 1, 1,
              FALSE, 0), start + FRAMES (slot));
    pace = gst_dit_pacer_next (pacer, start + FRAMES (slot), 1, FALSE, 0);
    assert_frame (pace, GST_DIT_PACE_SHOW, start, slot);
    g_assert_cmpuint (pace.drop, ==, 0);
  }
}

/* No frame has a time before it can be had, and there is no drift. */
static void
test_on_time (void)
{
  GstDitPacer pacer = pacer_new ();

  for (GstClockTime now = 0; now < START; now += GST_SECOND)
    g_assert_cmpint (gst_dit_pacer_next (&pacer, now, 0, FALSE, 0).kind, ==,
        GST_DIT_PACE_WAIT_FRAME);
  show_frames (&pacer, START, 0, 1000);
}

/* The frames that were late go on in the slots that follow, one each. */
static void
test_late_frames (void)
{
  GstDitPacer pacer = pacer_new ();

  show_frames (&pacer, START, 0, 10);
  for (guint slot = 10; slot < 30; slot++) {
    assert_wait (gst_dit_pacer_next (&pacer, START + FRAMES (slot) - 1, 0,
            FALSE, 0), START + FRAMES (slot));
    assert_frame (gst_dit_pacer_next (&pacer, START + FRAMES (slot), 0, FALSE,
            0), GST_DIT_PACE_REPEAT, START, slot);
  }
  show_frames (&pacer, START, 30, 50);
}

/* Then nothing more comes until there is a frame, which is on time whenever
 * it comes. */
static void
test_repeat_time (void)
{
  GstDitPacer pacer = pacer_new ();
  guint64 end = 10 + 2 * FPS;
  GstClockTime later = START + FRAMES (end) + 5 * GST_SECOND;

  show_frames (&pacer, START, 0, 10);
  for (guint64 slot = 10; slot < end; slot++)
    assert_frame (gst_dit_pacer_next (&pacer, START + FRAMES (slot), 0, FALSE,
            0), GST_DIT_PACE_REPEAT, START, slot);
  for (GstClockTime now = START + FRAMES (end); now < later; now += GST_MSECOND)
    g_assert_cmpint (gst_dit_pacer_next (&pacer, now, 0, FALSE, 0).kind, ==,
        GST_DIT_PACE_WAIT_FRAME);
  show_frames (&pacer, later, 0, 10);
}

/* A new base never overlaps what was shown. */
static void
test_times_never_go_back (void)
{
  GstDitPacer pacer = pacer_new ();
  GstClockTime end = 0;

  for (GstClockTime now = 0; now < 100 * GST_SECOND; now += 13 * GST_MSECOND) {
    gboolean ready = now / (3 * GST_SECOND) % 2;
    GstDitPace pace = gst_dit_pacer_next (&pacer, now, ready, FALSE, 0);

    if (pace.kind == GST_DIT_PACE_SHOW || pace.kind == GST_DIT_PACE_REPEAT) {
      g_assert_cmpuint (pace.time, >=, end);
      g_assert_cmpuint (pace.time, <=, now);
      end = pace.time + pace.duration;
    }
  }
}

/* Two frames are no matter: they are made up for. */
static void
test_slightly_late_consumer (void)
{
  GstDitPacer pacer = pacer_new ();
  GstClockTime now = START + FRAMES (12);

  show_frames (&pacer, START, 0, 10);
  for (guint slot = 10; slot < 13; slot++) {
    GstDitPace pace = gst_dit_pacer_next (&pacer, now, 5, FALSE, 0);

    assert_frame (pace, GST_DIT_PACE_SHOW, START, slot);
    g_assert_cmpuint (pace.drop, ==, 0);
  }
  show_frames (&pacer, START, 13, 20);
}

static void
test_late_consumer (void)
{
  GstDitPacer pacer = pacer_new ();
  GstDitPace pace;

  show_frames (&pacer, START, 0, 10);
  pace = gst_dit_pacer_next (&pacer, START + FRAMES (16) + 5, 20, FALSE, 0);
  assert_frame (pace, GST_DIT_PACE_SHOW, START, 16);
  g_assert_cmpuint (pace.drop, ==, 6);
  g_assert_cmpuint (pace.missed, ==, START + FRAMES (10));
  g_assert_cmpuint (pace.late, ==, FRAMES (16) + 5 - FRAMES (10));
  show_frames (&pacer, START, 17, 30);
}

/* One is kept to be shown; nothing that was not made is made up for. */
static void
test_very_late_consumer (void)
{
  GstDitPacer pacer = pacer_new ();
  GstDitPace pace;

  show_frames (&pacer, START, 0, 10);
  pace = gst_dit_pacer_next (&pacer, START + FRAMES (1000) + 5, 7, FALSE, 0);
  assert_frame (pace, GST_DIT_PACE_SHOW, START, 1000);
  g_assert_cmpuint (pace.drop, ==, 6);
  show_frames (&pacer, START, 1001, 1010);
}

/* What the pipeline's latency allows is not late. */
static void
test_consumer_within_latency (void)
{
  GstDitPacer pacer = pacer_new ();
  GstDitPace pace;

  show_frames (&pacer, START, 0, 10);
  for (guint slot = 10; slot < 40; slot++) {
    pace = gst_dit_pacer_next (&pacer, START + FRAMES (slot + 24) - 1, 5,
        FALSE, GST_SECOND);
    assert_frame (pace, GST_DIT_PACE_SHOW, START, slot);
    g_assert_cmpuint (pace.drop, ==, 0);
  }
  pace = gst_dit_pacer_next (&pacer, START + FRAMES (100) + 5, 100, FALSE,
      GST_SECOND);
  assert_frame (pace, GST_DIT_PACE_SHOW, START, 76);
  g_assert_cmpuint (pace.drop, ==, 36);
}

/* What is late is waited for as long as the pipeline's latency, less one frame,
 * allows. */
static void
test_late_frames_within_latency (void)
{
  GstDitPacer pacer = pacer_new ();
  GstClockTime slack = GST_SECOND - FRAMES (1) - 1;

  show_frames (&pacer, START, 0, 10);
  for (guint slot = 10; slot < 20; slot++) {
    GstClockTime due = START + FRAMES (slot) + slack;
    GstDitPace pace = gst_dit_pacer_next (&pacer, due - 1, 0, FALSE,
        GST_SECOND);

    g_assert_cmpint (pace.kind, ==, GST_DIT_PACE_WAIT_FRAME);
    g_assert_cmpuint (pace.time, ==, due);
    assert_frame (gst_dit_pacer_next (&pacer, due, 0, FALSE, GST_SECOND),
        GST_DIT_PACE_REPEAT, START, slot);
  }
  assert_frame (gst_dit_pacer_next (&pacer, START + FRAMES (30), 1, FALSE,
          GST_SECOND), GST_DIT_PACE_SHOW, START, 20);
}

/* A jump of the clock while frames are late. */
static void
test_jump_without_frames (void)
{
  GstDitPacer pacer = pacer_new ();

  show_frames (&pacer, START, 0, 10);
  assert_frame (gst_dit_pacer_next (&pacer, START + FRAMES (10), 0, FALSE, 0),
      GST_DIT_PACE_REPEAT, START, 10);
  assert_frame (gst_dit_pacer_next (&pacer, START + FRAMES (20), 0, FALSE, 0),
      GST_DIT_PACE_REPEAT, START, 20);
  g_assert_cmpint (gst_dit_pacer_next (&pacer, START + FRAMES (100), 0, FALSE,
          0).kind, ==, GST_DIT_PACE_WAIT_FRAME);
}

static void
test_flush (void)
{
  GstDitPacer pacer = pacer_new ();

  show_frames (&pacer, START, 0, 10);
  gst_dit_pacer_flush (&pacer);
  g_assert_cmpint (gst_dit_pacer_next (&pacer, 5, 0, FALSE, 0).kind, ==,
      GST_DIT_PACE_WAIT_FRAME);
  show_frames (&pacer, 5, 0, 10);
}

/* What is ready is still shown, to its end. */
static void
test_end (void)
{
  GstDitPacer pacer = pacer_new ();

  show_frames (&pacer, START, 0, 10);
  assert_wait (gst_dit_pacer_next (&pacer, START + FRAMES (10) - 1, 1, TRUE,
          0), START + FRAMES (10));
  assert_frame (gst_dit_pacer_next (&pacer, START + FRAMES (10), 1, TRUE, 0),
      GST_DIT_PACE_SHOW, START, 10);
  assert_wait (gst_dit_pacer_next (&pacer, START + FRAMES (10), 0, TRUE, 0),
      START + FRAMES (11));
  g_assert_cmpint (gst_dit_pacer_next (&pacer, START + FRAMES (11), 0, TRUE,
          0).kind, ==, GST_DIT_PACE_END);
}

static void
test_end_of_nothing (void)
{
  GstDitPacer pacer = pacer_new ();

  g_assert_cmpint (gst_dit_pacer_next (&pacer, START, 0, TRUE, 0).kind, ==,
      GST_DIT_PACE_END);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pacer/on-time", test_on_time);
  g_test_add_func ("/pacer/late-frames", test_late_frames);
  g_test_add_func ("/pacer/repeat-time", test_repeat_time);
  g_test_add_func ("/pacer/times-never-go-back", test_times_never_go_back);
  g_test_add_func ("/pacer/slightly-late-consumer",
      test_slightly_late_consumer);
  g_test_add_func ("/pacer/late-consumer", test_late_consumer);
  g_test_add_func ("/pacer/very-late-consumer", test_very_late_consumer);
  g_test_add_func ("/pacer/consumer-within-latency",
      test_consumer_within_latency);
  g_test_add_func ("/pacer/late-frames-within-latency",
      test_late_frames_within_latency);
  g_test_add_func ("/pacer/jump-without-frames", test_jump_without_frames);
  g_test_add_func ("/pacer/flush", test_flush);
  g_test_add_func ("/pacer/end", test_end);
  g_test_add_func ("/pacer/end-of-nothing", test_end_of_nothing);
  return g_test_run ();
}
