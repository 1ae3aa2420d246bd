/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* air.c: absorption by ISO 9613-1, and the time of the way. */

#include <math.h>

#include "models/foley/mix/air.h"

/* The low-pass takes as much as the air at this frequency, Hz; less above, where
 * one pole falls by 6 dB an octave and the air by up to 12. */
#define REFERENCE 4000.0
#define HUMIDITY 50.0           /* % */
#define MAX_LOSS 30.0           /* dB, there */

/* As far as KNEE the delay is right; of what is farther it rises more and more
 * slowly, up to the 125 ms that nobody notices between picture and sound (ITU-R
 * BT.1359). */
#define KNEE (30 / AIR_SOUND)   /* s */
#define MAX_DELAY 0.125         /* s */

/* ISO 9613-1:1993, eq. 3-5 and annex B. */
double
air_get_absorption (double frequency, double humidity)
{
  double kelvin = 293.15, t = kelvin / 293.15, f2 = frequency * frequency;
  double saturation = pow (10, -6.8346 * pow (273.16 / kelvin, 1.261) + 4.6151);
  double h = humidity * saturation;     /* molar concentration of vapour, % */
  double oxygen = 24 + 4.04e4 * h * (0.02 + h) / (0.391 + h);
  double nitrogen = pow (t, -0.5) *
      (9 + 280 * h * exp (-4.170 * (pow (t, -1.0 / 3) - 1)));

  return 8.686 * f2 * (1.84e-11 * sqrt (t) + pow (t, -2.5) *
      (0.01275 * exp (-2239.1 / kelvin) / (oxygen + f2 / oxygen) +
          0.1068 * exp (-3352.0 / kelvin) / (nitrogen + f2 / nitrogen)));
}

void
air_init (Air * air, guint rate)
{
  double frequency = MIN (REFERENCE, 0.4 * rate);

  air->absorption = air_get_absorption (frequency, HUMIDITY);
  air->cosine = cos (2 * G_PI * frequency / rate);
}

/* |1 - p|^2 / |1 - p exp (-iw)|^2 is the loss: a quadratic in p. */
float
air_get_pole (const Air * air, double distance)
{
  double loss = MIN (air->absorption * distance, MAX_LOSS);
  double power = pow (10, -loss / 10), less = 1 - power;
  double b = 1 - power * air->cosine;

  if (less < 1e-6)
    return 0;
  return (float) ((b - sqrt (b * b - less * less)) / less);
}

double
air_get_delay (double distance)
{
  double delay = distance / AIR_SOUND, rest = MAX_DELAY - KNEE;

  if (delay > KNEE)
    delay = KNEE + rest * (1 - exp (-(delay - KNEE) / rest));
  return delay;
}
