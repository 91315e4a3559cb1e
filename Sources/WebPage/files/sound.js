// The sound of a call in the browser's own thread for sound: microphone to frames of the line, frames of the line to the speaker.

const rate = 16_000;
const size = 320;

/** Changes the rate: a windowed sinc, cut below half of the lower rate. */
class Resampler {
  constructor(from, to) {
    this.step = from / to;
    const cut = Math.min(1, to / from) * 0.92;
    const half = Math.ceil(12 / Math.min(1, to / from));
    this.half = half;
    this.phases = 64;
    this.table = new Float32Array((this.phases + 1) * 2 * half);
    for (let phase = 0; phase <= this.phases; phase += 1) {
      for (let tap = 0; tap < 2 * half; tap += 1) {
        const x = tap - half + 1 - phase / this.phases;
        const sinc = x === 0 ? cut : Math.sin(Math.PI * cut * x) / (Math.PI * x);
        const place = x / half;
        this.table[phase * 2 * half + tap] = Math.abs(place) >= 1 ? 0 : sinc * (0.5 + 0.5 * Math.cos(Math.PI * place));
      }
    }
    this.past = new Float32Array(2 * half);
    this.position = 0;
  }

  /** Calls `take` with each sample that comes of the input. */
  push(input, take) {
    const width = 2 * this.half;
    for (const sample of input) {
      this.past.copyWithin(0, 1);
      this.past[width - 1] = sample;
      this.position -= 1;
      while (this.position < 0) {
        const phase = Math.min(this.phases, Math.round((1 + this.position) * this.phases));
        let sum = 0;
        for (let tap = 0; tap < width; tap += 1) sum += this.past[tap] * this.table[phase * width + tap];
        take(sum);
        this.position += this.step;
      }
    }
  }
}

/** What waits to be played: a little, so that late frames do no harm, and never more than `most`. */
class Buffer {
  constructor(least, most) {
    Object.assign(this, { least, most, samples: new Float32Array(1 << 16), first: 0, count: 0, isPlaying: false });
  }

  put(sample) {
    if (this.count >= this.most) {
      // Too much waits: what is oldest goes, down to what is wanted.
      this.first += this.count - this.least;
      this.count = this.least;
    }
    this.samples[(this.first + this.count) & 0xffff] = sample;
    this.count += 1;
  }

  take() {
    if (!this.isPlaying && this.count < this.least) return 0;
    this.isPlaying = this.count > 0;
    if (!this.isPlaying) return 0;
    const sample = this.samples[this.first & 0xffff];
    this.first += 1;
    this.count -= 1;
    return sample;
  }
}

class Line extends AudioWorkletProcessor {
  constructor() {
    super();
    this.up = new Resampler(sampleRate, rate);
    this.down = new Resampler(rate, sampleRate);
    this.buffer = new Buffer(Math.round(sampleRate * 0.06), Math.round(sampleRate * 0.24));
    this.frame = new Int16Array(size);
    this.filled = 0;
    this.levels = { mouth: 0, ear: 0, frames: 0 };
    this.port.onmessage = ({ data }) => {
      const view = new DataView(data);
      const samples = new Float32Array(data.byteLength >> 1);
      for (let index = 0; index < samples.length; index += 1) samples[index] = view.getInt16(2 * index, true) / 32768;
      this.levels.ear = Math.max(this.levels.ear, peak(samples));
      this.down.push(samples, (sample) => this.buffer.put(sample));
    };
  }

  process([input], [output]) {
    const mouth = input[0];
    if (mouth) this.up.push(mouth, (sample) => this.say(sample));
    const ear = output[0];
    for (let index = 0; index < ear.length; index += 1) ear[index] = this.buffer.take();
    return true;
  }

  say(sample) {
    this.frame[this.filled] = Math.max(-32768, Math.min(32767, Math.round(sample * 32767)));
    this.filled += 1;
    if (this.filled < size) return;
    this.filled = 0;
    this.levels.mouth = Math.max(this.levels.mouth, peak(this.frame) / 32768);
    this.port.postMessage({ frame: this.frame.buffer }, [this.frame.buffer]);
    this.frame = new Int16Array(size);
    this.levels.frames += 1;
    if (this.levels.frames < 5) return;
    this.port.postMessage({ levels: this.levels });
    this.levels = { mouth: 0, ear: 0, frames: 0 };
  }
}

const peak = (samples) => samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);

registerProcessor("line", Line);
