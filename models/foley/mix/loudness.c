/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* loudness.c: the measure of ITU-R BS.1770-4, over all that was heard at first
 * and over the last while later, and a slow hand on the fader.  What is measured
 * is the mix before the fader, so that there is no loop that could swing. */

#include <math.h>

#include "models/foley/mix/loudness.h"

#define GATE -70.0              /* LUFS: below it nothing is heard */
#define RELATIVE_GATE -10.0     /* LU: below what is loud nothing counts */
#define PARTS 4                 /* a block is 400 ms, told every 100 ms */
#define MEMORY 100              /* blocks of the mean: 10 s */
#define SPEED 6.0               /* dB a second, at most, the gain moves */
#define EASE 0.5                /* s: the gain's time constant when it is near */
#define MIN_GAIN -60.0          /* dB */

typedef struct
{
  double b[3], a[2], s[2];      /* transposed direct form 2 */
} Biquad;

struct _Loudness
{
  guint channels;
  double rate;
  double weights[FOLEY_MAX_CHANNELS];
  Biquad filters[FOLEY_MAX_CHANNELS][2];
  double parts[PARTS];          /* mean powers of the last 100 ms each */
  guint n_parts, quanta, quanta_a_part;
  double sum;                   /* of the powers of this part */
  double mean;                  /* of the blocks that count */
  guint n_blocks;               /* that counted, up to MEMORY */
  double target, gain;          /* LUFS, dB */
};

/* The shelf and the high-pass of BS.1770 for any rate: the analogue prototypes
 * of its table for 48 kHz (De Man, Evaluation of implementations of the EBU R128
 * loudness measurement, 2014, section 2.1). */
static void
design (double rate, Biquad * shelf, Biquad * high)
{
  double q = 0.7071752369554196, k = tan (G_PI * 1681.974450955533 / rate);
  double vh = pow (10, 3.999843853973347 / 20);
  double vb = pow (vh, 0.4996667741545416);
  double a0 = 1 + k / q + k * k;

  *shelf = (Biquad) { {
  (vh + vb * k / q + k * k) / a0,
          2 * (k * k - vh) / a0, (vh - vb * k / q + k * k) / a0}, {
  2 *(k * k - 1) / a0, (1 - k / q + k * k) / a0},
  {
  0, 0}
  };
  q = 0.5003270373238773;
  k = tan (G_PI * 38.13547087602444 / rate);
  a0 = 1 + k / q + k * k;
  *high = (Biquad) { {
  1, -2, 1}, {
  2 *(k * k - 1) / a0, (1 - k / q + k * k) / a0},
  {
  0, 0}
  };
}

/* BS.1770, table 3: surrounds are louder, LFE does not count.  Of a sound field
 * in ambisonics W is what its centre hears. */
static double
get_weight (FoleyLayout layout, guint channel)
{
  if (layout == FOLEY_LAYOUT_AMBISONIC)
    return channel == 0;
  if (layout == FOLEY_LAYOUT_5_1)
    return channel < 3 ? 1 : channel == 3 ? 0 : 1.41;
  return 1;
}

Loudness *
loudness_new (guint rate, FoleyLayout layout)
{
  Loudness *loudness = g_new0 (Loudness, 1);
  guint c;

  loudness->channels = foley_layout_get_channels (layout);
  loudness->rate = rate;
  loudness->quanta_a_part = MAX (1, (rate / 10 + FOLEY_QUANTUM / 2) /
      FOLEY_QUANTUM);
  for (c = 0; c < loudness->channels; c++) {
    loudness->weights[c] = get_weight (layout, c);
    design (rate, &loudness->filters[c][0], &loudness->filters[c][1]);
  }
  return loudness;
}

void
loudness_free (Loudness * loudness)
{
  g_free (loudness);
}

void
loudness_set_target (Loudness * loudness, double target)
{
  loudness->target = target;
}

static inline double
filter (Biquad * f, double x)
{
  double y = f->b[0] * x + f->s[0];

  f->s[0] = f->b[1] * x - f->a[0] * y + f->s[1];
  f->s[1] = f->b[2] * x - f->a[1] * y;
  return y;
}

/* The sum of squares of a channel's quantum, K-weighted. */
static double
measure (Biquad filters[2], const float *x)
{
  Biquad shelf = filters[0], high = filters[1];
  double sum = 0;
  guint i, s;

  for (i = 0; i < FOLEY_QUANTUM; i++) {
    double y = filter (&high, filter (&shelf, x[i]));

    sum += y * y;
  }
  /* What has faded so far must not become denormal. */
  for (s = 0; s < 2; s++) {
    shelf.s[s] = fabs (shelf.s[s]) < 1e-30 ? 0 : shelf.s[s];
    high.s[s] = fabs (high.s[s]) < 1e-30 ? 0 : high.s[s];
  }
  filters[0] = shelf;
  filters[1] = high;
  return sum;
}

static double
to_lufs (double power)
{
  return -0.691 + 10 * log10 (power);
}

/* A block of 400 ms counts where it is above both gates. */
static void
end_part (Loudness * loudness)
{
  double power = 0;
  guint i;

  loudness->parts[loudness->n_parts++ % PARTS] = loudness->sum /
      (loudness->quanta_a_part * FOLEY_QUANTUM);
  loudness->sum = 0;
  loudness->quanta = 0;
  for (i = 0; i < PARTS; i++)
    power += loudness->parts[i] / PARTS;
  if (loudness->n_parts < PARTS || power <= 0 || to_lufs (power) < GATE)
    return;
  if (loudness->n_blocks > 0
      && to_lufs (power) < to_lufs (loudness->mean) + RELATIVE_GATE)
    return;
  loudness->n_blocks = MIN (loudness->n_blocks + 1, MEMORY);
  loudness->mean += (power - loudness->mean) / loudness->n_blocks;
}

float
loudness_run (Loudness * loudness, float (*x)[FOLEY_QUANTUM])
{
  double aim = loudness->gain, most = SPEED * FOLEY_QUANTUM / loudness->rate;
  double step;
  guint c;

  for (c = 0; c < loudness->channels; c++)
    if (loudness->weights[c] > 0)
      loudness->sum += loudness->weights[c] *
          measure (loudness->filters[c], x[c]);
  if (++loudness->quanta == loudness->quanta_a_part)
    end_part (loudness);
  if (loudness->target == 0)
    aim = 0;
  else if (loudness->n_blocks > 0)
    aim = CLAMP (loudness->target - to_lufs (loudness->mean), MIN_GAIN,
        LOUDNESS_MAX_GAIN);
  step = (aim - loudness->gain) * MIN (1, FOLEY_QUANTUM / (EASE *
          loudness->rate));
  loudness->gain += CLAMP (step, -most, most);
  if (loudness->target == 0 && fabs (loudness->gain) < 1e-6)
    loudness->gain = 0;
  return (float) pow (10, loudness->gain / 20);
}
