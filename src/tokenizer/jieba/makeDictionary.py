"""Packs the dictionary and the hidden Markov model of jieba 0.42.1 (MIT, see LICENSE) into dictionary.bin.br.

    pip install jieba==0.42.1 brotli
    python makeDictionary.py

jieba's own files are 6.4 MB of text; packed they are a fifth of that, and exact:
logarithms and probabilities are Python's very doubles (V8 rounds one logarithm in 66 otherwise, and ties are decided by
the last bit). Layout in jiebaDictionary.ts.
"""
import math
import pathlib
import struct
import sys
from array import array

import brotli
import jieba
from jieba.finalseg import MIN_FLOAT, prob_emit, prob_start, prob_trans

assert jieba.__version__ == '0.42.1' and sys.byteorder == 'little'
here = pathlib.Path(__file__).parent
STATES = 'BMES'

frequencies = {}
total = 0
for line in (pathlib.Path(jieba.__file__).parent / 'dict.txt').read_text('utf-8').strip().split('\n'):
    word, frequency = line.split(' ')[:2]
    frequencies[word] = int(frequency)  # of two entries the last one counts …
    total += int(frequency)  # … but the total counts both
words = sorted(frequencies)
assert all(ord(character) < 0x10000 for word in words for character in word)

shared, lengths, suffixes = array('B'), array('B'), array('H')
previous = ''
for word in words:
    common = 0
    while common < min(len(word), len(previous)) and word[common] == previous[common]:
        common += 1
    shared.append(common)
    lengths.append(len(word) - common)
    suffixes.extend(ord(character) for character in word[common:])
    previous = word

distinct = sorted(set(frequencies.values()))
assert distinct[0] > 0
logs = array('d', map(math.log, distinct))
rank = {frequency: at for at, frequency in enumerate(distinct)}

emit = [prob_emit.P[state] for state in STATES]
characters = sorted({character for table in emit for character in table})
values = sorted({value for table in emit for value in table.values()})
index = {value: 1 + at for at, value in enumerate(values)}
emissions = array('H', (index[table[c]] if c in table else 0 for table in emit for c in characters))

packed = struct.pack('<8s5I4xd', b'moxujb01', len(words), len(suffixes), len(logs), len(characters), len(values), math.log(total))
packed += struct.pack('<4d', *(prob_start.P[state] for state in STATES))
packed += struct.pack('<16d', *(prob_trans.P[a].get(b, MIN_FLOAT) for a in STATES for b in STATES))
packed += array('d', values).tobytes()
packed += logs.tobytes()
packed += array('H', (rank[frequencies[word]] for word in words)).tobytes()
packed += suffixes.tobytes()
packed += array('H', map(ord, characters)).tobytes()
packed += emissions.tobytes()
packed += shared.tobytes() + lengths.tobytes()
compressed = brotli.compress(packed, quality=11, lgwin=24)
(here / 'dictionary.bin.br').write_bytes(compressed)
print(f'{len(words)} words, {len(suffixes)} trie edges, {len(packed)} → {len(compressed)} bytes')
