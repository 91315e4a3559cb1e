package import SerialPort
package import Settings

extension Configuration.Modem {
    /// How its tty is opened.
    package var serialSettings: SerialSettings {
        SerialSettings(baud: baud, hardwareFlowControl: hardwareFlowControl)
    }
}
