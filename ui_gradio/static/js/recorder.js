/* The microphone, one for the whole page: a press begins, the next one on the same button ends it and hands over a file. */
(() => {
  const st = window.st;
  let taking = null, by = null;
  st.record = async (button, dur, done, audio = true) => {
    if (by) { if (by !== button) st.toast('error', 'Something else is being recorded.', 'Stop that first.'); else if (taking) taking.stop(); return; }
    if (!navigator.mediaDevices || !window.MediaRecorder) { st.toast('error', 'This browser gives no microphone to this page.', 'Open it over https or on this machine, or upload a file.'); return; }
    by = button;
    let stream; try { stream = await navigator.mediaDevices.getUserMedia({ audio }); }
    catch (e) { by = null; st.toast('error', 'The microphone was not allowed.', 'Allow it for this page, or upload a file.'); return; }
    const parts = [], label = button.textContent, begun = Date.now(), said = () => { dur.textContent = st.clock((Date.now() - begun) / 1000); };
    taking = new MediaRecorder(stream); button.textContent = 'Stop'; said();
    const tick = setInterval(said, 250);
    taking.ondataavailable = e => parts.push(e.data);
    taking.onstop = () => {
      clearInterval(tick); stream.getTracks().forEach(t => t.stop()); button.textContent = label; dur.textContent = '';
      const kind = taking.mimeType.includes('mp4') ? 'm4a' : 'webm'; taking = by = null;
      done(new File(parts, 'Recording ' + new Date().toLocaleTimeString('en-GB').replace(/:/g, '.') + '.' + kind));
    };
    taking.start();
  };
})();
