# SPDX-License-Identifier: Apache-2.0
#
# A headless Chromium, driven by the standard library alone.
#
# chromedriver speaks WebDriver: JSON over HTTP, on the loopback. This module has only the calls
# that the test of the chart needs: open a file, run a script, press keys, move the pointer, take a
# picture. A missing chromium or chromedriver is an error that says what to install; nothing is
# skipped.
import base64
import json
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request

KEYS = {'Down': '\ue015', 'Up': '\ue013', 'Left': '\ue012', 'Right': '\ue014', 'Enter': '\ue007',
        'Tab': '\ue004', 'Escape': '\ue00c', 'End': '\ue010', 'Home': '\ue011', 'Space': ' '}


class Browser:
    def __init__(self, width=1280, height=860):
        for program in ('chromium', 'chromedriver'):
            if shutil.which(program) is None:
                sys.exit(f'FAILED: {program} is missing; this test needs the Debian packages '
                         'chromium and chromium-driver')
        self.profile = tempfile.TemporaryDirectory()
        self.driver = subprocess.Popen(['chromedriver', '--port=0'], stdout=subprocess.PIPE,
                                       text=True)
        try:
            for line in self.driver.stdout:
                started = re.search(r'started successfully on port (\d+)', line)
                if started:
                    break
            else:
                sys.exit('FAILED: chromedriver did not start')
            self.root = f'http://127.0.0.1:{started[1]}/session'
            options = {'binary': shutil.which('chromium'),
                       'args': ['--headless=new', '--no-sandbox', '--disable-gpu',
                                '--disable-dev-shm-usage', '--no-first-run', '--hide-scrollbars',
                                f'--user-data-dir={self.profile.name}',
                                f'--window-size={width},{height}']}
            session = self._call('', {'capabilities': {'alwaysMatch': {
                'goog:chromeOptions': options, 'goog:loggingPrefs': {'browser': 'ALL'}}}})
            self.root += '/' + session['sessionId']
            self.devtools('Emulation.setDeviceMetricsOverride', width=width, height=height,
                          deviceScaleFactor=1, mobile=False)
        except BaseException:
            self.driver.kill()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self._call('', method='DELETE')
        finally:
            self.driver.terminate()
            self.driver.wait()
            self.driver.stdout.close()
            self.profile.cleanup()

    def _call(self, path, body=None, method='POST'):
        request = urllib.request.Request(self.root + path, method=method)
        if method == 'POST':
            request.data = json.dumps(body or {}).encode()
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)['value']
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.load(error)['value']['message']) from None

    def open(self, path):
        self._call('/url', {'url': f'file://{path}'})

    def run(self, script, *arguments):
        return self._call('/execute/sync', {'script': script, 'args': list(arguments)})

    def keys(self, *names):
        actions = []
        for name in names:
            key = KEYS.get(name, name)
            actions += [{'type': 'keyDown', 'value': key}, {'type': 'keyUp', 'value': key}]
        self._call('/actions', {'actions': [{'type': 'key', 'id': 'k', 'actions': actions}]})

    def point(self, x, y, click=False):
        actions = [{'type': 'pointerMove', 'duration': 0, 'x': round(x), 'y': round(y)}]
        if click:
            actions += [{'type': 'pointerDown', 'button': 0}, {'type': 'pointerUp', 'button': 0}]
        self._call('/actions', {'actions': [{'type': 'pointer', 'id': 'p', 'actions': actions}]})

    def devtools(self, command, **parameters):
        return self._call('/goog/cdp/execute', {'cmd': command, 'params': parameters})

    def dark(self, on):
        self.devtools('Emulation.setEmulatedMedia', features=[
            {'name': 'prefers-color-scheme', 'value': 'dark' if on else 'light'}])

    def complaints(self):
        """The complaints of the page's console and of its security policy."""
        return self._call('/se/log', {'type': 'browser'})

    def picture(self, path):
        data = self._call('/screenshot', method='GET')
        with open(path, 'wb') as file:
            file.write(base64.b64decode(data))

    def pdf(self, path):
        data = self._call('/print', {'background': True})
        with open(path, 'wb') as file:
            file.write(base64.b64decode(data))
