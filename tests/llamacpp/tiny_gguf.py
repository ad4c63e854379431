"""Write a Llama of half a megabyte that knows one line by heart: `python tiny_gguf.py FILE`.

For the interpreter that has gguf and numpy. Its layers do nothing, so each token alone decides on the next: where the
middle is to be filled in it writes `sum([1])`, to a chat it answers the same in a code fence, and behind an x it writes
x for ever. The fill-in-the-middle tokens are Qwen's, and control tokens as they are there: spelled out they do nothing.
"""

import sys
from itertools import pairwise

import gguf
import numpy as np

WIDTH, HEADS, LAYERS, INNER, CONTEXT = 64, 4, 2, 128, 8192
SURENESS = 0.15  # about how far the next token stands out: its probability is about .95
CONTROLS = ["<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|file_sep|>", "<|im_start|>", "<|im_end|>"]
FENCE, END_FENCE = "```python\n", "\n```"
TOKENS = [
    *(b"<unk>", b"<s>", b"</s>"),
    *(f"<0x{byte:02X}>".encode() for byte in range(256)),
    *(word.encode() for word in ("▁", "\n", FENCE, END_FENCE, *CONTROLS)),
]
NORMAL, CONTROL, BYTE = 1, 3, 6
TYPES = [CONTROL] * 3 + [BYTE] * 256 + [NORMAL] * 4 + [CONTROL] * len(CONTROLS)
LINE = ["s", "u", "m", "(", "[", "1", "]", ")", END_FENCE, "</s>"]
CHAINS = [["<|fim_middle|>", *LINE], ["▁", LINE[0]], ["\n", FENCE, LINE[0]], ["x", "x"]]


def main(path: str) -> None:
    """Write the model to `path`."""
    writer = gguf.GGUFWriter(path, "llama")
    _describe(writer)
    _weigh(writer)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _describe(writer: gguf.GGUFWriter) -> None:
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(TOKENS))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(TOKENS)
    writer.add_token_scores([0.0] * len(TOKENS))
    writer.add_token_types(TYPES)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)


def _weigh(writer: gguf.GGUFWriter) -> None:
    meanings = np.random.default_rng(0).standard_normal((len(TOKENS), WIDTH)).astype(np.float32)
    nexts = np.zeros_like(meanings)
    for chain in CHAINS:
        for one, following in pairwise(chain):
            nexts[_number(following)] += SURENESS * meanings[_number(one)]
    writer.add_tensor("token_embd.weight", meanings)
    writer.add_tensor("output_norm.weight", np.ones(WIDTH, np.float32))
    writer.add_tensor("output.weight", nexts)
    for layer in range(LAYERS):
        shapes = {"ffn_gate": (INNER, WIDTH), "ffn_up": (INNER, WIDTH), "ffn_down": (WIDTH, INNER)}
        shapes |= {f"attn_{each}": (WIDTH, WIDTH) for each in ("q", "k", "v", "output")}
        for name, shape in shapes.items():
            writer.add_tensor(f"blk.{layer}.{name}.weight", np.zeros(shape, np.float32))
        for name in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"blk.{layer}.{name}.weight", np.ones(WIDTH, np.float32))


def _number(token: str) -> int:
    spelled = token.encode()
    return TOKENS.index(spelled) if spelled in TOKENS else 3 + spelled[0]


if __name__ == "__main__":
    main(sys.argv[1])
