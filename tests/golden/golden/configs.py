# SPDX-License-Identifier: LGPL-2.1-or-later
"""The tiny pipelines: their dimensions, how they are written, what is run.

Every dimension that a config can set differs somewhere, so that one hard-coded
in C fails here. Sizes are [latent frames, height, width] unless said.
"""

from dataclasses import dataclass, field

PROMPT = "A small dog runs on the beach at sunset, waves & wind."
NEGATIVE = "blurry, static, worst quality"
CHINESE = "一只小狗在海滩上奔跑"
LONG = " ".join(f"{n} {word}" for n, word in enumerate(
    "dog taxi rocket bell beach street night meadow forest snow".split() * 3))


@dataclass
class EndToEnd:
    """One run of WanPipeline."""

    seed: int
    width: int
    height: int
    frames: int
    steps: int
    guidance: float
    sampler: str = "unipc"
    shift: float | None = None  # None: as scheduler_config.json says
    prompt: str = PROMPT
    negative: str | None = NEGATIVE


@dataclass
class Pipeline:
    name: str
    what: str
    tokenizer: str  # directory of the tokenizer that it links to
    text_encoder: dict
    transformer: dict
    vae: dict
    dtype: str  # type of the stored weights: F32, BF16 or F16
    flow_shift: float
    runs: list
    transformer_sizes: list
    vae_sizes: list
    sampler: str = "unipc"  # what scheduler_config.json names
    expand_timesteps: bool = False
    shards: int = 1  # files per component
    keep_float32: tuple = ()  # parts of names stored as F32 nevertheless
    embedding: str = "shared"  # name of the text encoder's table: shared, encoder, both
    encoder: bool = False  # store the VAE's encoder too, as real files do
    original: tuple = ()  # components also written under the original names
    minimal_vae_config: bool = False  # leave out what equals the class's default
    prompts: tuple = (PROMPT, NEGATIVE, "")
    timesteps: tuple = (999.0, 500.0, 13.0)
    seed: int = field(default=0)


PIPELINES = [
    Pipeline(
        name="wan21",
        what="Wan 2.1 layout, float32 weights, the VAE also under original names",
        tokenizer="tokenizer-umt5",
        text_encoder=dict(
            d_model=48, d_kv=32, d_ff=80, num_layers=2, num_heads=2,
            relative_attention_num_buckets=32,
            relative_attention_max_distance=128,
            layer_norm_epsilon=1e-6, extra_vocab=16),
        transformer=dict(
            num_attention_heads=2, attention_head_dim=32, num_layers=2,
            patch_size=[1, 2, 2], in_channels=16, out_channels=16,
            text_dim=48, freq_dim=256, ffn_dim=136, cross_attn_norm=True,
            eps=1e-6),
        vae=dict(
            base_dim=3, z_dim=16, dim_mult=[1, 2, 4, 4], num_res_blocks=2,
            temperal_downsample=[False, True, True]),
        dtype="F32",
        flow_shift=3.0,
        minimal_vae_config=True,
        original=("vae",),
        prompts=(PROMPT, NEGATIVE, "", CHINESE, LONG),
        transformer_sizes=[(1, 2, 2), (2, 4, 6), (3, 6, 10)],
        vae_sizes=[(1, 2, 2), (3, 3, 5)],
        runs=[
            EndToEnd(0, 32, 16, 1, 3, 5.0),
            EndToEnd(42, 16, 32, 5, 8, 5.0, negative=""),
            EndToEnd(1234567890123, 48, 16, 9, 2, 1.0, prompt=CHINESE),
            EndToEnd(-1, 16, 16, 13, 4, 3.5, "euler", 5.0),
        ],
    ),
    Pipeline(
        name="wan21-small",
        what="4 latent channels, stride 4 x 4 x 2, one head of 128, "
             "no norm before cross-attention, a T5 tokenizer",
        tokenizer="tokenizer-t5",
        text_encoder=dict(
            d_model=32, d_kv=64, d_ff=50, num_layers=1, num_heads=1,
            relative_attention_num_buckets=8,
            relative_attention_max_distance=20,
            layer_norm_epsilon=1e-5, extra_vocab=0),
        transformer=dict(
            num_attention_heads=1, attention_head_dim=128, num_layers=1,
            patch_size=[1, 2, 2], in_channels=4, out_channels=4,
            text_dim=32, freq_dim=64, ffn_dim=96, cross_attn_norm=False,
            eps=1e-5),
        vae=dict(
            base_dim=8, z_dim=4, dim_mult=[1, 2, 2], num_res_blocks=1,
            temperal_downsample=[True, False], scale_factor_spatial=4,
            scale_factor_temporal=2),
        dtype="BF16",
        flow_shift=5.0,
        embedding="encoder",
        transformer_sizes=[(4, 6, 2), (2, 10, 14)],
        vae_sizes=[(4, 5, 3)],
        runs=[
            EndToEnd(7, 16, 16, 9, 5, 5.0),
            EndToEnd(8, 48, 16, 3, 2, 1.0, "euler"),
        ],
    ),
    Pipeline(
        name="wan22-ti2v",
        what="Wan 2.2 TI2V layout: residual VAE with pixel patches, a timestep "
             "per token, sharded, mixed bfloat16 and float32",
        tokenizer="tokenizer-umt5",
        text_encoder=dict(
            d_model=40, d_kv=48, d_ff=72, num_layers=2, num_heads=1,
            relative_attention_num_buckets=16,
            relative_attention_max_distance=64,
            layer_norm_epsilon=1e-6, extra_vocab=5),
        transformer=dict(
            num_attention_heads=2, attention_head_dim=48, num_layers=2,
            patch_size=[1, 2, 2], in_channels=12, out_channels=12,
            text_dim=40, freq_dim=128, ffn_dim=120, cross_attn_norm=True,
            eps=1e-6),
        vae=dict(
            base_dim=4, decoder_base_dim=5, z_dim=12, dim_mult=[1, 2, 4, 4],
            num_res_blocks=1, temperal_downsample=[False, True, True],
            is_residual=True, in_channels=12, out_channels=12, patch_size=2,
            scale_factor_spatial=16, scale_factor_temporal=4),
        dtype="BF16",
        flow_shift=5.0,
        expand_timesteps=True,
        shards=3,
        keep_float32=("scale_shift_table", "norm2", "time_embedder", "gamma"),
        embedding="both",
        transformer_sizes=[(1, 4, 2), (3, 2, 6)],
        vae_sizes=[(1, 1, 2), (3, 3, 1)],
        runs=[
            EndToEnd(3, 64, 32, 5, 3, 5.0),
            EndToEnd(4, 32, 32, 13, 6, 1.0),
            EndToEnd(2**32 + 5, 32, 64, 1, 2, 5.0, "euler"),
        ],
    ),
    Pipeline(
        name="wan22-plain",
        what="residual VAE of another shape, one timestep, original names",
        tokenizer="tokenizer-umt5",
        text_encoder=dict(
            d_model=24, d_kv=32, d_ff=36, num_layers=1, num_heads=2,
            relative_attention_num_buckets=32,
            relative_attention_max_distance=40,
            layer_norm_epsilon=1e-6, extra_vocab=1),
        transformer=dict(
            num_attention_heads=1, attention_head_dim=40, num_layers=2,
            patch_size=[1, 2, 2], in_channels=6, out_channels=6, text_dim=24,
            freq_dim=32, ffn_dim=50, cross_attn_norm=True, eps=1e-6),
        vae=dict(
            base_dim=6, z_dim=6, dim_mult=[1, 2, 2], num_res_blocks=2,
            temperal_downsample=[False, True], is_residual=True,
            in_channels=12, out_channels=12, patch_size=2,
            scale_factor_spatial=8, scale_factor_temporal=2),
        dtype="BF16",
        flow_shift=1.0,
        original=("transformer", "vae", "text_encoder"),
        transformer_sizes=[(2, 2, 4)],
        vae_sizes=[(1, 3, 2), (3, 2, 3)],
        runs=[EndToEnd(11, 32, 16, 5, 5, 2.0)],
    ),
    Pipeline(
        name="wan21-patch",
        what="patch (2,1,2), odd latent heights, float16 weights, Euler",
        tokenizer="tokenizer-t5",
        text_encoder=dict(
            d_model=20, d_kv=40, d_ff=30, num_layers=3, num_heads=1,
            relative_attention_num_buckets=12,
            relative_attention_max_distance=30,
            layer_norm_epsilon=1e-6, extra_vocab=3),
        transformer=dict(
            num_attention_heads=1, attention_head_dim=56, num_layers=3,
            patch_size=[2, 1, 2], in_channels=8, out_channels=8, text_dim=20,
            freq_dim=48, ffn_dim=60, cross_attn_norm=True, eps=1e-6),
        vae=dict(
            base_dim=4, z_dim=8, dim_mult=[1, 2, 2, 3], num_res_blocks=1,
            temperal_downsample=[True, True, False]),
        dtype="F16",
        flow_shift=2.0,
        sampler="euler",
        encoder=True,
        transformer_sizes=[(2, 5, 6), (4, 3, 2)],
        vae_sizes=[(2, 5, 3)],
        runs=[
            EndToEnd(5, 16, 16, 5, 4, 4.0, "euler"),
            EndToEnd(6, 32, 16, 13, 3, 5.0, "unipc"),
        ],
    ),
    Pipeline(
        name="wan21-uneven",
        what="one head of 64, widths that no tile divides, uneven VAE widths",
        tokenizer="tokenizer-umt5",
        text_encoder=dict(
            d_model=68, d_kv=64, d_ff=100, num_layers=1, num_heads=2,
            relative_attention_num_buckets=32,
            relative_attention_max_distance=128,
            layer_norm_epsilon=1e-6, extra_vocab=7),
        transformer=dict(
            num_attention_heads=1, attention_head_dim=64, num_layers=2,
            patch_size=[1, 2, 2], in_channels=10, out_channels=10,
            text_dim=68, freq_dim=80, ffn_dim=76, cross_attn_norm=True,
            eps=1e-6),
        vae=dict(
            base_dim=6, z_dim=10, dim_mult=[1, 2, 3, 3], num_res_blocks=1,
            temperal_downsample=[False, True, True]),
        dtype="BF16",
        flow_shift=8.0,
        transformer_sizes=[(2, 6, 4)],
        vae_sizes=[(2, 4, 3)],
        runs=[EndToEnd(99, 16, 48, 5, 5, 5.0)],
    ),
]


@dataclass
class Upscaled:
    """A pipeline of those above with a second VAE for larger pictures: its
    other parts are links, its vae_upscale/ and its reference are its own."""

    name: str
    base: str
    what: str
    vae: dict
    native: dict  # dit_config.json
    runs: list  # that its own VAE decodes
    plain_runs: list  # that the base's decodes


UPSCALED = [
    Upscaled(
        name="upscaled22", base="wan22-plain",
        what="a second VAE of 16 x 16 x 2 beside one of 8 x 8 x 2",
        vae=dict(
            base_dim=5, z_dim=6, dim_mult=[1, 1, 2, 2], num_res_blocks=1,
            temperal_downsample=[False, False, True], is_residual=True,
            in_channels=12, out_channels=12, patch_size=2,
            scale_factor_spatial=16, scale_factor_temporal=2),
        native=dict(width=16, height=16),
        runs=[
            EndToEnd(12, 32, 32, 5, 2, 2.0),
            EndToEnd(13, 32, 64, 3, 2, 1.0),
        ],
        # The native size; a large one that the other does not make.
        plain_runs=[
            EndToEnd(14, 16, 16, 3, 2, 1.0),
            EndToEnd(15, 48, 32, 3, 2, 1.0),
        ],
    ),
]


@dataclass
class Adapted:
    """A pipeline of those above with an adapter in its transformer/, and one
    that a user adds: its other parts are links, its reference is its own."""

    name: str
    base: str
    what: str
    rank: int  # of its own
    alpha: int  # in the metadata
    user_rank: int
    user_alpha: float  # for each module; of the rank a power of 2, which bfloat16 keeps
    user_scale: float
    runs: list  # with its own


ADAPTED = [
    Adapted(
        name="adapted22", base="wan22-plain",
        what="its own adapter of all linear layers, as diffusers writes it; "
             "one with the original names, of the blocks' layers and biases",
        rank=2, alpha=3, user_rank=3, user_alpha=1.5, user_scale=0.6,
        runs=[EndToEnd(16, 16, 16, 3, 2, 2.0)],
    ),
]


@dataclass
class Chunk:
    """What is asked for a chunk of a stream."""

    prompt: str = PROMPT
    negative: str = NEGATIVE
    guidance: float = 1.0


@dataclass
class StreamRun:
    seed: int
    width: int
    height: int
    steps: int
    sampler: str
    shift: float
    chunks: list


@dataclass
class Causal:
    """A pipeline of those above as a block-causal one: its parts are links,
    its dit_config.json and its reference are its own."""

    name: str
    base: str
    what: str
    block: int
    window: int
    sink: int
    context_timestep: float
    native: dict  # the rest of dit_config.json
    forwards: list  # latent [height, width]
    blocks: int  # of those
    runs: list
    timesteps: tuple = (937.5, 625.0, 40.0)

    @property
    def recache(self):
        return self.native.get("causal_recache", True)


CAUSAL = [
    Causal(
        name="causal21", base="wan21",
        what="blocks of 2, window 4, sink 1 (less than a block), Wan 2.1 VAE",
        block=2, window=4, sink=1, context_timestep=0.0,
        native=dict(width=32, height=16, fps=8, num_frames=13, steps=4,
                    guidance_scale=1, flow_shift=5, sampler="lcm"),
        forwards=[(2, 4)], blocks=5,
        runs=[
            StreamRun(3, 32, 16, 4, "lcm", 5.0, [Chunk() for _ in range(4)]),
            StreamRun(7, 16, 32, 3, "unipc", 3.0, [
                Chunk(), Chunk(guidance=4.0), Chunk(CHINESE, guidance=3.0),
                Chunk(CHINESE, "", 3.0)]),
        ],
    ),
    Causal(
        name="causal22", base="wan22-plain",
        what="blocks of 3, window 5 (no whole blocks), no sink, context at "
             "timestep 50, residual VAE",
        block=3, window=5, sink=0, context_timestep=50.0,
        native=dict(width=32, height=16, num_frames=11, steps=3,
                    guidance_scale=2, flow_shift=4, sampler="euler"),
        forwards=[(4, 2)], blocks=4,
        runs=[
            StreamRun(11, 32, 16, 3, "euler", 4.0, [
                Chunk(guidance=2.0), Chunk(guidance=2.0),
                Chunk("a red taxi", guidance=2.0), Chunk("a red taxi"),
                Chunk("a red taxi", guidance=2.0)]),
        ],
    ),
    Causal(
        name="causal-patch", base="wan21-patch",
        what="patch (2,1,2): blocks of 4, window 8, sink 2",
        block=4, window=8, sink=2, context_timestep=0.0,
        native=dict(width=16, height=16, num_frames=29, steps=2,
                    guidance_scale=1, sampler="lcm"),
        forwards=[(3, 2)], blocks=4,
        runs=[StreamRun(5, 16, 16, 2, "lcm", 2.0, [
            Chunk(), Chunk(), Chunk(), Chunk(CHINESE)])],
    ),
    Causal(
        name="causal-ti2v", base="wan22-ti2v",
        what="a timestep per frame, blocks of 1, the window is all but the sink",
        block=1, window=3, sink=2, context_timestep=0.0,
        native=dict(width=32, height=32, num_frames=9, steps=2,
                    guidance_scale=1, flow_shift=5, sampler="lcm"),
        forwards=[(2, 4)], blocks=6,
        runs=[StreamRun(1, 32, 32, 2, "lcm", 5.0,
                        [Chunk() for _ in range(7)])],
    ),
    Causal(
        name="causal-kept", base="wan21-uneven",
        what="what is remembered stays so when the prompt changes",
        block=2, window=6, sink=2, context_timestep=30.0,
        native=dict(width=16, height=16, num_frames=7, steps=2,
                    guidance_scale=2, flow_shift=3, causal_recache=False),
        forwards=[], blocks=0,
        runs=[StreamRun(13, 16, 16, 2, "unipc", 3.0, [
            Chunk(guidance=2.0), Chunk("a red taxi", guidance=2.0),
            Chunk(CHINESE, "", 2.0), Chunk(CHINESE, "", 2.0),
            Chunk("a red taxi", guidance=2.0), Chunk("a red taxi"),
            Chunk("a red taxi", guidance=2.0)])],
    ),
]

# Schedules and solver trajectories that need no model.
SCHEDULE_STEPS = (1, 2, 3, 4, 5, 8, 20, 50)
SCHEDULE_SHIFTS = (1.0, 3.0, 5.0, 8.0)
SOLVER_CASES = [(1, 3.0), (2, 3.0), (3, 5.0), (5, 1.0), (8, 8.0), (20, 5.0)]

# Noise: (seed, numbers of values asked for one after another).
NOISE_CASES = [
    (0, [1]), (0, [16]), (42, [1, 2, 3]), (42, [15]), (42, [16]), (42, [17]),
    (42, [31]), (42, [32]), (42, [33]), (42, [100]), (42, [1000]),
    (7, [5, 16, 3, 40, 7]), (123456789, [2880]), (2**32 + 42, [64]),
    (-1, [64]), (2**63 - 1, [64]), (2026, [1 * 16 * 3 * 10 * 18]),
]
