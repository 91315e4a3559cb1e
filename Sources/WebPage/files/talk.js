// Speaking in a call by the browser's microphone and speaker.

import { key } from "./box.js";

/** Why nobody can speak here: `insecure`, `silent` (no stick has sound), or null where it is possible; over an account it always is. */
export function obstacle(modems, isInternet = false) {
  if (!window.isSecureContext || !navigator.mediaDevices) return "insecure";
  return isInternet || (modems ?? []).some(hasSound) ? null : "silent";
}

const hasSound = (modem) => Boolean(modem.audio) && modem.audio !== "none";

/** The stick on which a call can be spoken in: the one that is wanted, any (an empty name), or else one that brings sound; null where none is. */
export function stickFor(wanted, modems) {
  if (wanted) return modems.some((modem) => modem.name === wanted && hasSound(modem)) ? wanted : null;
  const present = modems.filter((modem) => modem.state === "ready" || modem.state === "in_call");
  if (present.length && present.every(hasSound)) return "";
  return present.find((modem) => modem.state === "ready" && hasSound(modem))?.name ?? null;
}

const talks = new Map();

/** Opens the microphone, which a browser may ask a person about. */
export async function microphone() {
  const wanted = localStorage.getItem("audioinput");
  return navigator.mediaDevices.getUserMedia({
    // Where it is gone, another one does.
    audio: { ...(wanted ? { deviceId: { ideal: wanted } } : {}), echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 },
  });
}

/** The microphones and speakers that there are. */
export const devices = async () => (await navigator.mediaDevices?.enumerateDevices?.().catch(() => [])) ?? [];

/** The talk of a call; undefined where nobody speaks in it here. */
export const talkOf = (call) => talks.get(call);

/** Speaks in a call from here on, until it or the page ends. */
export async function talk(call, stream, onChange) {
  const context = new AudioContext({ latencyHint: "interactive" });
  const state = { isMuted: false, mouth: 0, ear: 0 };
  const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/v1/calls/${call}/sound`, ["gsmbridge-16k", key()]);
  socket.binaryType = "arraybuffer";
  const end = () => {
    if (!talks.delete(call)) return;
    socket.close();
    for (const track of stream.getTracks()) track.stop();
    context.close().catch(() => {});
    onChange();
  };
  state.end = end;
  state.mute = () => {
    state.isMuted = !state.isMuted;
    for (const track of stream.getAudioTracks()) track.enabled = !state.isMuted;
    onChange();
  };
  talks.set(call, state);
  socket.onclose = end;
  try {
    const speaker = localStorage.getItem("audiooutput");
    if (speaker && context.setSinkId) await context.setSinkId(speaker).catch(() => {});
    await context.audioWorklet.addModule("/sound.js");
    const line = new AudioWorkletNode(context, "line", { numberOfInputs: 1, numberOfOutputs: 1, outputChannelCount: [1] });
    line.port.onmessage = ({ data }) => {
      if (data.frame && socket.readyState === WebSocket.OPEN && socket.bufferedAmount < 6400) socket.send(data.frame);
      if (data.levels) {
        Object.assign(state, { mouth: data.levels.mouth, ear: data.levels.ear });
        onChange("levels");
      }
    };
    socket.onmessage = ({ data }) => line.port.postMessage(data, [data]);
    context.createMediaStreamSource(stream).connect(line).connect(context.destination);
    await context.resume();
  } catch (error) {
    end();
    throw error;
  }
  onChange();
}
