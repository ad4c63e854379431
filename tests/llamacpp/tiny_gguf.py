"""Write a two-layer Llama with random weights and a byte vocabulary (half a megabyte): `python tiny_gguf.py FILE`.

For the interpreter that has gguf and numpy. What such a model writes is noise; how the server speaks is not.
"""

import sys

import gguf
import numpy as np

WIDTH, HEADS, LAYERS, INNER, CONTEXT = 64, 4, 2, 128, 2048
WORDS = ["▁", "def", "return", "self", "import", "(", ")", ":", "\n", "    ", "=", "+", "a", "b", "x"]


def main(path: str) -> None:
    """Write the model to `path`."""
    writer = gguf.GGUFWriter(path, "llama")
    tokens = [b"<unk>", b"<s>", b"</s>", *(f"<0x{byte:02X}>".encode() for byte in range(256))]
    tokens += [word.encode() for word in WORDS]
    _describe(writer, tokens)
    _weigh(writer, len(tokens))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _describe(writer: gguf.GGUFWriter, tokens: list[bytes]) -> None:
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * 259 + [-float(number) for number in range(len(tokens) - 259)])
    writer.add_token_types([2, 3, 3] + [6] * 256 + [1] * (len(tokens) - 259))
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)


def _weigh(writer: gguf.GGUFWriter, vocabulary: int) -> None:
    random = np.random.default_rng(0)

    def matrix(rows: int, columns: int) -> np.ndarray:
        return (random.standard_normal((rows, columns)) * 0.1).astype(np.float32)

    ones = np.ones(WIDTH, np.float32)
    writer.add_tensor("token_embd.weight", matrix(vocabulary, WIDTH))
    writer.add_tensor("output_norm.weight", ones)
    writer.add_tensor("output.weight", matrix(vocabulary, WIDTH))
    for layer in range(LAYERS):
        begin = f"blk.{layer}."
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            writer.add_tensor(f"{begin}{name}.weight", matrix(WIDTH, WIDTH))
        writer.add_tensor(f"{begin}ffn_gate.weight", matrix(INNER, WIDTH))
        writer.add_tensor(f"{begin}ffn_up.weight", matrix(INNER, WIDTH))
        writer.add_tensor(f"{begin}ffn_down.weight", matrix(WIDTH, INNER))
        writer.add_tensor(f"{begin}attn_norm.weight", ones)
        writer.add_tensor(f"{begin}ffn_norm.weight", ones)


if __name__ == "__main__":
    main(sys.argv[1])
