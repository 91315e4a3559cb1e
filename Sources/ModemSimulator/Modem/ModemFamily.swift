/// The families of modems that can be simulated, each with a dialect of its own.
package enum ModemFamily: String, CaseIterable, Sendable, Hashable {
    /// Huawei USB sticks (E1752): `^ORIG`, `^CONF`, `^CONN`, `^CEND`, noise in the middle of answers.
    case huawei
    /// Quectel LTE modules (EC25): silent progress unless `+QINDCFG` or `^DSCI` was asked for.
    case quectel
    /// SIMCom LTE modules (SIM7600): `VOICE CALL: BEGIN`, ATH without effect until `+CVHU=0`.
    case simcom
    /// SIMCom 2G modules (SIM800): ATD blocks with `+COLP=1`, `MO RING` after `+MORING=1`.
    case sim800
    /// Siemens and Cinterion modules (MC55i): ATD blocks until `^SM20=0`, `^SLCC` lists.
    case cinterion
    /// Telit modules (LE910): `#ECAM`.
    case telit
    /// u-blox modules (SARA-U201): `+UCALLSTAT`.
    case ublox
    /// ZTE sticks (K3565-Z): ATD says nothing before `CONNECT`.
    case zte
    /// A modem that knows 3GPP TS 27.007 and V.250 and nothing else.
    case generic
}
