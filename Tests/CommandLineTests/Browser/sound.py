"""Sound for the tests of the page: what the browser's microphone says, and what was said and heard in the page."""

import math
import struct
import wave

RATE = 48_000
# The pairs of frequencies of DTMF (ITU-T Q.23).
PAIRS = {key: (low, high) for low, row in zip([697, 770, 852, 941], ["123A", "456B", "789C", "*0#D"]) for high, key in zip([1209, 1336, 1477, 1633], row)}


def tones(hertz, seconds, loudness=0.25):
    return [loudness * sum(math.sin(2 * math.pi * one * place / RATE) for one in hertz) for place in range(int(RATE * seconds))]


def silence(seconds):
    return [0.0] * int(RATE * seconds)


def digits(text):
    """DTMF as a person's other telephone would say it: 200 ms each, 100 ms between them, a second at the end."""
    return [sample for key in text for sample in tones(PAIRS[key], 0.2) + silence(0.1)] + silence(0.7)


def chirps(count):
    """Short sweeps at uneven distances, so that none is taken for its neighbour; echo cancellers and noise filters leave them alone."""
    samples = silence(0.5)
    for number in range(count):
        length = int(RATE * 0.12)
        samples += [
            0.5 * math.sin(math.pi * place / length) * math.sin(2 * math.pi * (500 + 2200 * place / length / 2) * place / RATE)
            for place in range(length)
        ] + silence(0.9 + 0.07 * (number * 7 % 11))
    return samples


def write(path, samples):
    with wave.open(path, "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(struct.pack(f"<{len(samples)}h", *(int(max(-1, min(1, sample)) * 32767) for sample in samples)))


# Put into a page before its own scripts: keeps what goes into the call and what comes of it, as it is played, on one clock.
TAP = """(() => {
  window.taps = [];
  const join = AudioNode.prototype.connect;
  const make = AudioContext.prototype.createMediaStreamSource;
  AudioContext.prototype.createMediaStreamSource = function (stream) { return (this.mouth = make.call(this, stream)); };
  AudioNode.prototype.connect = function (target, ...more) {
    if (target instanceof AudioDestinationNode && this instanceof AudioWorkletNode) {
      const pair = this.context.createChannelMerger(2);
      const sink = this.context.createScriptProcessor(4096, 2, 1);
      const tap = { rate: this.context.sampleRate, mouth: [], ear: [], context: this.context, sink };
      sink.onaudioprocess = ({ inputBuffer }) => {
        tap.mouth.push(inputBuffer.getChannelData(0).slice());
        tap.ear.push(inputBuffer.getChannelData(1).slice());
      };
      join.call(this.context.mouth, pair, 0, 0);
      join.call(this, pair, 0, 1);
      join.call(pair, sink);
      join.call(sink, target);
      window.taps.push(tap);
    }
    return join.call(this, target, ...more);
  };
  /** One side of the last talk at 8 kHz: each sample the mean of those in its place. */
  window.samplesOf = (side) => {
    const tap = window.taps.at(-1);
    const whole = tap[side].flatMap((block) => [...block]);
    const step = tap.rate / 8000;
    return Array.from({ length: Math.floor(whole.length / step) }, (_, place) => {
      const [first, last] = [Math.floor(place * step), Math.floor((place + 1) * step)];
      let sum = 0;
      for (let index = first; index < last; index += 1) sum += whole[index];
      return sum / (last - first);
    });
  };
})()"""

# The time of each sweep from the microphone to the ear, in ms, by the highest correlation; null where nothing resembles it.
DELAYS = """() => {
  const [mouth, ear] = [window.samplesOf("mouth"), window.samplesOf("ear")];
  const [length, most] = [960, 9600];
  const delays = [];
  for (let start = 0; start + length + most < Math.min(mouth.length, ear.length); start += 1) {
    if (Math.abs(mouth[start]) < 0.02) continue;
    const said = mouth.slice(start, start + length);
    const norm = Math.hypot(...said);
    let best = { likeness: 0, lag: 0 };
    for (let lag = 0; lag < most; lag += 1) {
      let product = 0, energy = 0;
      for (let index = 0; index < length; index += 1) {
        const heard = ear[start + lag + index];
        product += said[index] * heard;
        energy += heard * heard;
      }
      const likeness = energy > 0 ? product / (norm * Math.sqrt(energy)) : 0;
      if (likeness > best.likeness) best = { likeness, lag };
    }
    delays.push(best.likeness > 0.6 ? best.lag / 8 : null);
    start += 4000;
  }
  return delays;
}"""


def share(samples, hertz, block=160):
    """How many of the blocks of 20 ms (at 8 kHz) that are loud have nearly nothing but this frequency, from 0 to 1 (Goertzel)."""
    loud = pure = 0
    factor = 2 * math.cos(2 * math.pi * hertz / 8000)
    for start in range(0, len(samples) - block, block):
        part = samples[start : start + block]
        total = sum(sample * sample for sample in part)
        if total / block < 0.01**2:
            continue
        loud += 1
        last = before = 0.0
        for sample in part:
            last, before = sample + factor * last - before, last
        power = 2 * (last * last + before * before - factor * last * before) / block
        pure += power > 0.7 * total
    return pure / loud if loud >= 10 else 0
