"""Language models behind any OpenAI-compatible endpoint: asking, paying, recording, and guarding what they write.

Read `protocol` for the vocabulary, then `endpoint` for the one object that talks. `meter` holds the caps, `cassettes`
records and replays, `probe` finds out what an endpoint can do, and `guard` stops invented names while they stream in.
Everything here is optional: nothing else of tracemend needs a model, and `openai` is imported with the first request.
"""
