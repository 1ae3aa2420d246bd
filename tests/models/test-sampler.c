/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* test-sampler.c: schedules and trajectories against diffusers' (tests/golden),
 * and configurations that are refused. */

#include <math.h>
#include <string.h>
#include <glib/gstdio.h>

#include "models/video/sampler.h"
#include "model-test.h"

static SamplerType
sampler_type (JsonObject * settings)
{
  const char *name = json_object_get_string_member (settings, "sampler");

  return g_str_equal (name, "euler") ? SAMPLER_EULER
      : g_str_equal (name, "lcm") ? SAMPLER_LCM : SAMPLER_UNIPC;
}

static Sampler *
make_sampler (JsonObject * settings, gsize n)
{
  SamplerConfig config = {
    .type = sampler_type (settings),
    .flow_shift = json_object_get_double_member (settings, "shift"),
    .num_train_timesteps = 1000,
    .solver_order = 2,
    .lower_order_final = TRUE,
    .solver_bh2 = TRUE
  };
  g_autoptr (GError) error = NULL;
  Sampler *sampler = sampler_new (&config,
      json_object_get_int_member (settings, "steps"), n, &error);

  g_assert_no_error (error);
  return sampler;
}

static void
check_schedule (TensorStore * store, const char *stage, guint i,
    JsonObject * settings)
{
  g_autoptr (Sampler) sampler = make_sampler (settings, 0);
  OclHostArray sigmas = golden_get (store, stage, i, "sigmas", 1);
  OclHostArray timesteps = golden_get (store, stage, i, "timesteps", 1);
  guint steps = sampler_get_steps (sampler), j;

  g_assert_cmpuint (sigmas.dims[0], ==, steps + 1);
  for (j = 0; j <= steps; j++)
    g_assert_cmpfloat (sampler_get_sigmas (sampler)[j], ==,
        ((const float *) sigmas.data)[j]);
  for (j = 0; j < steps; j++)
    g_assert_cmpfloat (sampler_get_timestep (sampler, j), ==,
        ((const float *) timesteps.data)[j]);
}

static void
test_schedules (void)
{
  golden_for_cases ("sampler", "schedule", check_schedule);
}

/* Follows the trajectory of case @i twice, to see that a reset forgets. */
static void
check_trajectory (TensorStore * store, const char *stage, guint i,
    JsonObject * settings)
{
  OclHostArray noise = golden_get (store, stage, i, "noise", 4);
  OclHostArray velocities = golden_get (store, stage, i, "velocities", 5);
  OclHostArray expected = golden_get (store, stage, i, "latents", 5);
  gsize n = ocl_host_array_get_count (&noise);
  g_autoptr (Sampler) sampler = make_sampler (settings, n);
  g_autofree float *latents = g_new (float, n);
  guint steps = sampler_get_steps (sampler), pass, step;

  for (pass = 0; pass < 2; pass++) {
    g_autoptr (TorchRandom) random = torch_random_new (steps);

    sampler_set_random (sampler, random);
    memcpy (latents, noise.data, n * sizeof *latents);
    for (step = 0; step < steps; step++) {
      sampler_step (sampler, step, (const float *) velocities.data + step * n,
          latents);
      g_assert_cmpfloat (test_relative_error (latents,
              (const float *) expected.data + step * n, n), <,
          FLOAT32_TOLERANCE);
    }
    sampler_reset (sampler);
  }
  g_test_message ("%s %u, %u steps: %g", stage, i, steps,
      test_relative_error (latents,
          (const float *) expected.data + (steps - 1) * n, n));
}

static void
test_solvers (void)
{
  golden_for_cases ("sampler", "solver", check_trajectory);
}

/* With the velocities that a model gave. */
static void
test_pipelines (gconstpointer data)
{
  golden_for_cases (data, "run", check_trajectory);
}

static Config *
open_json (const char *json)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  int fd = g_file_open_tmp ("test-sampler-XXXXXX", &path, NULL);
  Config *config;

  g_close (fd, NULL);
  g_assert_true (g_file_set_contents (path, json, -1, NULL));
  config = config_open (path, &error);
  g_assert_no_error (error);
  g_remove (path);
  return config;
}

#define UNIPC "\"_class_name\":\"UniPCMultistepScheduler\"," \
    "\"prediction_type\":\"flow_prediction\",\"use_flow_sigmas\":true"
#define EULER "\"_class_name\":\"FlowMatchEulerDiscreteScheduler\""

static void
test_config (void)
{
  g_autoptr (Config) plain = open_json ("{" UNIPC "}");
  g_autoptr (Config) full = open_json ("{" UNIPC ",\"flow_shift\":5,"
      "\"solver_order\":3,\"solver_type\":\"bh1\",\"lower_order_final\":false,"
      "\"disable_corrector\":[],\"solver_p\":null,\"shift_terminal\":null,"
      "\"num_train_timesteps\":500}");
  g_autoptr (Config) euler = open_json ("{" EULER ",\"shift\":3.0}");
  g_autoptr (GError) error = NULL;
  SamplerConfig out;

  g_assert_true (sampler_config_read (plain, &out, &error));
  g_assert_cmpint (out.type, ==, SAMPLER_UNIPC);
  g_assert_cmpfloat (out.flow_shift, ==, 1);
  g_assert_cmpint (out.num_train_timesteps, ==, 1000);
  g_assert_cmpint (out.solver_order, ==, 2);
  g_assert_true (out.lower_order_final);
  g_assert_true (out.solver_bh2);
  g_assert_true (sampler_config_read (full, &out, &error));
  g_assert_cmpfloat (out.flow_shift, ==, 5);
  g_assert_cmpint (out.num_train_timesteps, ==, 500);
  g_assert_cmpint (out.solver_order, ==, 3);
  g_assert_false (out.lower_order_final);
  g_assert_false (out.solver_bh2);
  g_assert_true (sampler_config_read (euler, &out, &error));
  g_assert_cmpint (out.type, ==, SAMPLER_EULER);
  g_assert_cmpfloat (out.flow_shift, ==, 3);
  /* So that a user may choose UniPC nevertheless. */
  g_assert_cmpint (out.solver_order, ==, 2);
  g_assert_true (out.lower_order_final);
}

/* What every golden pipeline has is taken. */
static void
test_golden_configs (void)
{
  g_autoptr (GDir) dir = g_dir_open (GOLDEN_DATA, 0, NULL);
  const char *name;
  guint n = 0;

  while ((name = g_dir_read_name (dir))) {
    g_autofree char *path =
        golden_path (name, "scheduler/scheduler_config.json");
    g_autoptr (GError) error = NULL;
    g_autoptr (Config) config = config_open (path, NULL);
    SamplerConfig out;
    if (!config)
      continue;
    g_assert_true (sampler_config_read (config, &out, &error));
    g_assert_no_error (error);
    n++;
  }
  g_assert_cmpuint (n, >, 3);
}

static const struct
{
  const char *json;
  const char *key;
} refused[] = {
  {"{}", "_class_name"},
  {"{\"_class_name\":\"DDIMScheduler\"}",
      "FlowMatchEulerDiscreteScheduler"},
  {"{\"_class_name\":\"UniPCMultistepScheduler\"}", "prediction_type"},
  {"{\"_class_name\":\"UniPCMultistepScheduler\","
        "\"prediction_type\":\"flow_prediction\"}", "use_flow_sigmas"},
  {"{" UNIPC ",\"predict_x0\":false}", "predict_x0"},
  {"{" UNIPC ",\"thresholding\":true}", "thresholding"},
  {"{" UNIPC ",\"use_karras_sigmas\":true}", "use_karras_sigmas"},
  {"{" UNIPC ",\"final_sigmas_type\":\"sigma_min\"}", "final_sigmas_type"},
  {"{" UNIPC ",\"solver_p\":{}}", "solver_p"},
  {"{" UNIPC ",\"solver_type\":\"euler\"}", "solver_type"},
  {"{" UNIPC ",\"shift_terminal\":0.1}", "shift_terminal"},
  {"{" EULER ",\"use_dynamic_shifting\":true}", "use_dynamic_shifting"},
  {"{" EULER ",\"invert_sigmas\":true}", "invert_sigmas"},
  {"{" EULER ",\"stochastic_sampling\":true}", "stochastic_sampling"},
};

/* Of order 1 without its corrector UniPC is Euler's method. */
static void
test_uncorrected (void)
{
  g_autoptr (Config) config = open_json ("{" UNIPC ",\"flow_shift\":3.0,"
      "\"solver_order\":1,\"disable_corrector\":[0,1,3,2]}");
  g_autoptr (GError) error = NULL;
  SamplerConfig settings;

  g_assert_true (sampler_config_read (config, &settings, &error));
  for (guint pass = 0; pass < 2; pass++) {
    g_autoptr (Sampler) sampler = sampler_new (&settings, 4, 1, &error);
    const double *sigmas = sampler_get_sigmas (sampler);
    float latent = 0.5f, euler = 0.5f, worst = 0;

    for (guint i = 0; i < 4; i++) {
      float velocity = sinf (3 * latent + i);

      euler += (float) (sigmas[i + 1] - sigmas[i]) * velocity;
      sampler_step (sampler, i, &velocity, &latent);
      worst = MAX (worst, fabsf (latent - euler));
    }
    if (pass == 0)
      g_assert_cmpfloat (worst, <, 1e-6f);
    else
      g_assert_cmpfloat (worst, >, 1e-3f);
    settings.uncorrected = 0x8;
  }
}

static void
test_refused (void)
{
  SamplerConfig out;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (refused); i++) {
    g_autoptr (Config) config = open_json (refused[i].json);
    g_autoptr (GError) error = NULL;
    g_assert_false (sampler_config_read (config, &out, &error));
    g_assert_error (error, FORMAT_ERROR, FORMAT_ERROR_UNSUPPORTED);
    g_assert_nonnull (strstr (error->message, refused[i].key));
  }
}

static void
test_bad_values (void)
{
  const char *const texts[] = {
    "{" UNIPC ",\"solver_order\":4}", "{" UNIPC ",\"flow_shift\":0}",
    "{" UNIPC ",\"num_train_timesteps\":1}", "{" EULER ",\"shift\":\"3\"}",
    "{" UNIPC ",\"disable_corrector\":[64]}", "{\"_class_name\":3}"
  };
  SamplerConfig out = { 0, };
  g_autoptr (GError) error = NULL;
  guint i;

  for (i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (Config) config = open_json (texts[i]);
    g_clear_error (&error);
    g_assert_false (sampler_config_read (config, &out, &error));
    g_assert_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH);
  }
  g_clear_error (&error);
  g_assert_null (sampler_new (&out, 0, 1, &error));
  g_assert_error (error, FORMAT_ERROR, FORMAT_ERROR_MISMATCH);
}

/* For data of normal distribution with deviation s the velocity is known, and
 * so is where a trajectory ends: at s times where it began. Returns the relative
 * error there. */
static double
gaussian_error (SamplerType type, gint64 order, gboolean bh2, guint steps)
{
  const SamplerConfig config = { type, 3, 1000, order, TRUE, bh2 };
  g_autoptr (Sampler) sampler = sampler_new (&config, steps, 1, NULL);
  const double deviation = 0.5;
  float latents = 1;
  guint i;

  for (i = 0; i < steps; i++) {
    double sigma = sampler_get_sigmas (sampler)[i];
    double clean = (1 - sigma) * deviation * deviation;
    float velocity = (sigma - clean) / ((1 - sigma) * clean + sigma * sigma)
        * latents;
    sampler_step (sampler, i, &velocity, &latents);
  }
  return fabs (latents / deviation - 1);
}

/* A higher order comes closer in as many steps. */
static void
test_orders (void)
{
  double euler = gaussian_error (SAMPLER_EULER, 0, FALSE, 20);
  double one = gaussian_error (SAMPLER_UNIPC, 1, TRUE, 20);
  double two = gaussian_error (SAMPLER_UNIPC, 2, TRUE, 20);
  double three = gaussian_error (SAMPLER_UNIPC, 3, TRUE, 20);
  double bh1 = gaussian_error (SAMPLER_UNIPC, 2, FALSE, 20);

  g_test_message ("Euler %g, UniPC %g %g %g, bh1 %g", euler, one, two, three,
      bh1);
  g_assert_cmpfloat (one, <, euler);
  g_assert_cmpfloat (two, <, one);
  g_assert_cmpfloat (three, <, one);
  g_assert_cmpfloat (bh1, <, one);
}

/* What Self-Forcing's configuration makes of its 1000, 750, 500, 250. */
static void
test_few_steps (void)
{
  const SamplerConfig config = {
    .type = SAMPLER_LCM,.flow_shift = 5,.num_train_timesteps = 1000
  };
  const double timesteps[] = { 1000, 937.5, 2500 / 3.0, 625 };
  g_autoptr (Sampler) sampler = sampler_new (&config, 4, 1, NULL);

  for (guint i = 0; i < 4; i++)
    g_assert_cmpfloat_with_epsilon (sampler_get_timestep (sampler, i),
        timesteps[i], 1e-3);
}

/* Where upstream's formula gives no numbers in the last step (bh1; full order
 * to the end), the result is the clean prediction all the same. */
static void
test_last_step (void)
{
  guint order, bh2, step;

  for (order = 1; order <= 3; order++)
    for (bh2 = 0; bh2 < 2; bh2++) {
      SamplerConfig config = { SAMPLER_UNIPC, 3, 1000, order, FALSE, bh2 };
      g_autoptr (Sampler) sampler = sampler_new (&config, 6, 1, NULL);
      float latents = 1, clean = 0.25f;
      for (step = 0; step < 6; step++) {
        float velocity = (latents - clean)
            / (float) sampler_get_sigmas (sampler)[step];
        sampler_step (sampler, step, &velocity, &latents);
      }
      g_assert_cmpfloat_with_epsilon (latents, clean, 1e-5);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sampler/schedules", test_schedules);
  g_test_add_func ("/sampler/solvers", test_solvers);
  g_test_add_data_func ("/sampler/wan21", "wan21/reference", test_pipelines);
  g_test_add_data_func ("/sampler/wan21-patch", "wan21-patch/reference",
      test_pipelines);
  g_test_add_data_func ("/sampler/wan22-ti2v", "wan22-ti2v/reference",
      test_pipelines);
  g_test_add_func ("/sampler/orders", test_orders);
  g_test_add_func ("/sampler/few-steps", test_few_steps);
  g_test_add_func ("/sampler/last-step", test_last_step);
  g_test_add_func ("/sampler/config", test_config);
  g_test_add_func ("/sampler/golden-configs", test_golden_configs);
  g_test_add_func ("/sampler/uncorrected", test_uncorrected);
  g_test_add_func ("/sampler/refused", test_refused);
  g_test_add_func ("/sampler/bad-values", test_bad_values);
  return g_test_run ();
}
