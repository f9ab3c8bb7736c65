"""When a person begins and ends to speak: `VoiceActivity`, fed frame by frame, on the spot, without a process."""

from okno.speech.activity.activity import Activity as Activity
from okno.speech.activity.activity import Kind as Kind
from okno.speech.activity.activity import VoiceActivity as VoiceActivity
