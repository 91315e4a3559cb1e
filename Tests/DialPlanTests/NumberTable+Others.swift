/// The numbers of ``numberTable`` outside Germany, Austria, Switzerland and France.
let otherNumbers = """
    # GB: Ofcom, National Telephone Numbering Plan
    GB | 020 7946 0018                  | home          | fixed           | 442079460018    | 02079460018        | yes
    GB | 0121 303 1234                  | home          | fixed           | 441213031234    | 01213031234        | yes
    GB | 0131 200 2000                  | home          | fixed           | 441312002000    | 01312002000        | yes
    GB | 0161 234 5000                  | home          | fixed           | 441612345000    | 01612345000        | yes
    GB | 01632 960123                   | short         | unknown         | 441632960123    | 01632960123        | no
    GB | 016977 2345                    | home          | fixed           | 44169772345     | 0169772345         | yes
    GB | 0118 937 3787                  | home          | fixed           | 441189373787    | 01189373787        | yes
    GB | 028 9032 0202                  | home          | fixed           | 442890320202    | 02890320202        | yes
    GB | 029 2087 2087                  | home          | fixed           | 442920872087    | 02920872087        | yes
    GB | 07400 123456                   | home          | mobile          | 447400123456    | 07400123456        | yes
    GB | 07700 900123                   | short         | unknown         | 447700900123    | 07700900123        | no
    GB | 07912 345678                   | home          | mobile          | 447912345678    | 07912345678        | yes
    GB | 0300 123 1234                  | home          | corporate       | 443001231234    | 03001231234        | yes
    GB | 0345 600 0123                  | home          | corporate       | 443456000123    | 03456000123        | yes
    GB | 0370 600 0123                  | home          | corporate       | 443706000123    | 03706000123        | yes
    GB | 056 1234 5678                  | home          | voip            | 445612345678    | 05612345678        | yes
    GB | 055 1234 5678                  | shared_cost   | corporate       | 445512345678    | 05512345678        | no
    GB | 070 1234 5678                  | premium       | premium         | 447012345678    | 07012345678        | no
    GB | 07600 123456                   | shared_cost   | pager           | 447600123456    | 07600123456        | no
    GB | 0800 123 4567                  | toll_free     | toll_free       | 448001234567    | 08001234567        | yes
    GB | 0808 123 4567                  | toll_free     | toll_free       | 448081234567    | 08081234567        | yes
    GB | 0843 123 4567                  | shared_cost   | shared_cost     | 448431234567    | 08431234567        | no
    GB | 0845 123 4567                  | shared_cost   | shared_cost     | 448451234567    | 08451234567        | no
    GB | 0871 123 4567                  | shared_cost   | shared_cost     | 448711234567    | 08711234567        | no
    GB | 0900 123 4567                  | premium       | premium         | 449001234567    | 09001234567        | no
    GB | 0906 123 4567                  | premium       | premium         | 449061234567    | 09061234567        | no
    GB | 0909 879 0123                  | premium       | premium         | 449098790123    | 09098790123        | no
    GB | 0911 123 4567                  | premium       | premium         | 449111234567    | 09111234567        | no
    GB | 0982 123 4567                  | premium       | premium         | 449821234567    | 09821234567        | no
    GB | +44 (0)20 7946 0018            | home          | fixed           | 442079460018    | 02079460018        | yes
    GB | 0044 20 7946 0018              | home          | fixed           | 442079460018    | 02079460018        | yes
    GB | 01481 720000                   | international | fixed           | 441481720000    | 01481720000        | no
    GB | 01534 445500                   | international | fixed           | 441534445500    | 01534445500        | no
    GB | 01624 685685                   | international | fixed           | 441624685685    | 01624685685        | no
    GB | 07781 123456                   | international | mobile          | 447781123456    | 07781123456        | no
    GB | 07797 712345                   | international | mobile          | 447797712345    | 07797712345        | no
    GB | 07624 123456                   | international | mobile          | 447624123456    | 07624123456        | no
    GB | 999                            | emergency     | emergency       | -               | 999                | yes
    GB | 112                            | emergency     | emergency       | -               | 112                | yes
    GB | 0044999                        | emergency     | emergency       | -               | 999                | yes
    GB | 101                            | toll_free     | short           | -               | 101                | yes
    GB | 105                            | toll_free     | short           | -               | 105                | yes
    GB | 111                            | toll_free     | short           | -               | 111                | yes
    GB | 116 123                        | toll_free     | short           | -               | 116123             | yes
    GB | 118 500                        | premium       | short           | -               | 118500             | no
    GB | 123                            | short         | short           | -               | 123                | no
    GB | 141 0906 123 4567              | short         | unknown         | -               | 14109061234567     | no
    GB | 1470 020 7946 0018             | short         | unknown         | -               | 147002079460018    | no
    GB | 7946 0018                      | home          | local           | -               | 79460018           | yes
    GB | +353 1 234 5678                | international | fixed           | 35312345678     | 0035312345678      | no
    GB | +1 876 555 0123                | international | mobile          | 18765550123     | 0018765550123      | no
    GB | 020 7946                       | none
    GB | 0115 0                         | none
    # US: NANPA, Central Office Code and Area Code reports; ATIS-0300055 (N11), FCC 47 CFR 52
    US | 212 555 0123                   | home          | fixed_or_mobile | 12125550123     | 12125550123        | yes
    US | (415) 555-0132                 | home          | fixed_or_mobile | 14155550132     | 14155550132        | yes
    US | 1 312 555 0145                 | home          | fixed_or_mobile | 13125550145     | 13125550145        | yes
    US | +1 202 456 1111                | home          | fixed_or_mobile | 12024561111     | 12024561111        | yes
    US | 1-650-253-0000                 | home          | fixed_or_mobile | 16502530000     | 16502530000        | yes
    US | 907 269 1234                   | home          | fixed_or_mobile | 19072691234     | 19072691234        | yes
    US | 808 586 0221                   | home          | fixed_or_mobile | 18085860221     | 18085860221        | yes
    US | 800 234 5678                   | toll_free     | toll_free       | 18002345678     | 18002345678        | yes
    US | 888 234 5678                   | toll_free     | toll_free       | 18882345678     | 18882345678        | yes
    US | 877 234 5678                   | toll_free     | toll_free       | 18772345678     | 18772345678        | yes
    US | 866 234 5678                   | toll_free     | toll_free       | 18662345678     | 18662345678        | yes
    US | 855 234 5678                   | toll_free     | toll_free       | 18552345678     | 18552345678        | yes
    US | 844 234 5678                   | toll_free     | toll_free       | 18442345678     | 18442345678        | yes
    US | 833 234 5678                   | toll_free     | toll_free       | 18332345678     | 18332345678        | yes
    US | 900 234 5678                   | premium       | premium         | 19002345678     | 19002345678        | no
    US | 1 900 234 5678                 | premium       | premium         | 19002345678     | 19002345678        | no
    US | 500 234 5678                   | shared_cost   | personal        | 15002345678     | 15002345678        | no
    US | 533 234 5678                   | shared_cost   | personal        | 15332345678     | 15332345678        | no
    US | 416 555 0123                   | international | fixed_or_mobile | 14165550123     | 14165550123        | no
    US | 604 873 7011                   | international | fixed_or_mobile | 16048737011     | 16048737011        | no
    US | 876 926 1234                   | international | fixed           | 18769261234     | 18769261234        | no
    US | 809 682 1234                   | international | fixed_or_mobile | 18096821234     | 18096821234        | no
    US | 284 494 1234                   | international | fixed           | 12844941234     | 12844941234        | no
    US | 473 440 1234                   | international | fixed           | 14734401234     | 14734401234        | no
    US | 787 721 1234                   | international | fixed_or_mobile | 17877211234     | 17877211234        | no
    US | 671 472 1234                   | international | fixed_or_mobile | 16714721234     | 16714721234        | no
    US | 011 49 30 123456               | international | fixed           | 4930123456      | 0114930123456      | no
    US | +49 30 123456                  | international | fixed           | 4930123456      | 0114930123456      | no
    US | 011 44 20 7946 0018            | international | fixed           | 442079460018    | 011442079460018    | no
    US | 011 44 70 1234 5678            | premium       | premium         | 447012345678    | 011447012345678    | no
    US | 911                            | emergency     | emergency       | -               | 911                | yes
    US | 112                            | emergency     | emergency       | -               | 112                | yes
    US | +1911                          | emergency     | emergency       | -               | 911                | yes
    US | 411                            | premium       | short           | -               | 411                | no
    US | 211                            | toll_free     | short           | -               | 211                | yes
    US | 988                            | toll_free     | short           | -               | 988                | yes
    US | 311                            | short         | short           | -               | 311                | no
    US | 555 0123                       | home          | local           | -               | 5550123            | yes
    US | 976 0123                       | premium       | short           | -               | 9760123            | no
    US | 1010288 212 555 0123           | call_by_call  | call_by_call    | -               | 10102882125550123  | no
    US | 1010288 900 234 5678           | call_by_call  | call_by_call    | -               | 10102889002345678  | no
    US | 0049 30 123456                 | international | unknown         | -               | 004930123456       | no
    US | 012 345 6789                   | short         | unknown         | -               | 0123456789         | no
    US | 212 055 0123                   | short         | unknown         | 12120550123     | 12120550123        | no
    US | 111 555 0123                   | short         | unknown         | -               | 1115550123         | no
    US | 212 555 01234                  | short         | unknown         | -               | 21255501234        | no
    CA | 416 555 0123                   | home          | fixed_or_mobile | 14165550123     | 14165550123        | yes
    CA | 1 604 873 7011                 | home          | fixed_or_mobile | 16048737011     | 16048737011        | yes
    CA | 212 555 0123                   | international | fixed_or_mobile | 12125550123     | 12125550123        | no
    CA | 800 234 5678                   | toll_free     | toll_free       | 18002345678     | 18002345678        | yes
    # IT: AGCOM, delibera 8/15/CIR
    IT | 06 6982                        | home          | fixed           | 39066982        | 066982             | yes
    IT | 02 12345678                    | home          | fixed           | 390212345678    | 0212345678         | yes
    IT | +39 02 12345678                | home          | fixed           | 390212345678    | 0212345678         | yes
    IT | +39 (0)2 12345678              | home          | fixed           | 390212345678    | 0212345678         | yes
    IT | 347 1234567                    | home          | mobile          | 393471234567    | 3471234567         | yes
    IT | 800 123456                     | toll_free     | toll_free       | 39800123456     | 800123456          | yes
    IT | 840 123456                     | shared_cost   | shared_cost     | 39840123456     | 840123456          | no
    IT | 199 123456                     | shared_cost   | shared_cost     | 39199123456     | 199123456          | no
    IT | 899 123456                     | premium       | premium         | 39899123456     | 899123456          | no
    IT | 892 123                        | premium       | unknown         | -               | 892123             | no
    IT | 113                            | emergency     | emergency       | -               | 113                | yes
    IT | 1055 06 6982                   | short         | unknown         | 391055066982    | 1055066982         | no
    # NL: ACM, Nummerplan telefoon- en ISDN-diensten
    NL | 020 555 1111                   | home          | fixed           | 31205551111     | 0205551111         | yes
    NL | 06 12345678                    | home          | mobile          | 31612345678     | 0612345678         | yes
    NL | 085 123 4567                   | home          | voip            | 31851234567     | 0851234567         | yes
    NL | 0800 1234                      | toll_free     | toll_free       | 318001234       | 08001234           | yes
    NL | 0900 1234                      | premium       | premium         | 319001234       | 09001234           | no
    NL | 0906 123456                    | premium       | premium         | 31906123456     | 0906123456         | no
    NL | 088 123 4567                   | shared_cost   | corporate       | 31881234567     | 0881234567         | no
    NL | 112                            | emergency     | emergency       | -               | 112                | yes
    # ES: Plan nacional de numeración telefónica, RD 2296/2004
    ES | 91 123 45 67                   | home          | fixed           | 34911234567     | 911234567          | yes
    ES | 612 345 678                    | home          | mobile          | 34612345678     | 612345678          | yes
    ES | 803 123 456                    | premium       | premium         | 34803123456     | 803123456          | no
    ES | 902 123 456                    | shared_cost   | shared_cost     | 34902123456     | 902123456          | no
    ES | 900 123 456                    | toll_free     | toll_free       | 34900123456     | 900123456          | yes
    ES | 061                            | emergency     | emergency       | -               | 061                | yes
    # PL: UKE; DK, SE: PTS; FI: Traficom
    PL | 22 123 45 67                   | home          | fixed           | 48221234567     | 221234567          | yes
    PL | 601 234 567                    | home          | mobile          | 48601234567     | 601234567          | yes
    PL | 701 234 567                    | premium       | premium         | 48701234567     | 701234567          | no
    SE | 08-123 456 78                  | home          | fixed           | 46812345678     | 0812345678         | yes
    SE | 070 123 45 67                  | home          | mobile          | 46701234567     | 0701234567         | yes
    SE | 0900 123 4567                  | premium       | premium         | 469001234567    | 09001234567        | no
    SE | +46 (0)70 123 45 67            | home          | mobile          | 46701234567     | 0701234567         | yes
    # AU: ACMA, Telecommunications Numbering Plan 2015
    AU | 02 9876 5432                   | home          | fixed           | 61298765432     | 0298765432         | yes
    AU | (03) 9123 4567                 | home          | fixed           | 61391234567     | 0391234567         | yes
    AU | 0412 345 678                   | home          | mobile          | 61412345678     | 0412345678         | yes
    AU | +61 (0)412 345 678             | home          | mobile          | 61412345678     | 0412345678         | yes
    AU | 1800 123 456                   | toll_free     | toll_free       | 611800123456    | 1800123456         | yes
    AU | 1300 123 456                   | shared_cost   | shared_cost     | 611300123456    | 1300123456         | no
    AU | 1900 123 456                   | premium       | premium         | 611900123456    | 1900123456         | no
    AU | 000                            | emergency     | emergency       | -               | 000                | yes
    AU | 106                            | emergency     | emergency       | -               | 106                | yes
    AU | 0011 49 30 123456              | international | fixed           | 4930123456      | 00114930123456     | no
    AU | 9876 5432                      | short         | unknown         | -               | 98765432           | no
    # BR: Anatel, Resolução 749/2022
    BR | (11) 91234-5678                | home          | mobile          | 5511912345678   | 11912345678        | yes
    BR | 11 3123 4567                   | home          | fixed           | 551131234567    | 1131234567         | yes
    BR | 0 15 11 91234 5678             | call_by_call  | call_by_call    | -               | 01511912345678     | no
    BR | 0800 123 4567                  | toll_free     | toll_free       | 558001234567    | 08001234567        | yes
    BR | 0021 49 30 123456              | international | fixed           | 4930123456      | 00214930123456     | no
    BR | 190                            | emergency     | emergency       | -               | 190                | yes
    # JP: MIC, 電気通信番号計画
    JP | 03-3581-2345                   | home          | fixed           | 81335812345     | 0335812345         | yes
    JP | 090-1234-5678                  | home          | mobile          | 819012345678    | 09012345678        | yes
    JP | 0120-123-456                   | toll_free     | toll_free       | 81120123456     | 0120123456         | yes
    JP | 0990-123-456                   | premium       | premium         | 81990123456     | 0990123456         | no
    JP | 010 49 30 123456               | international | fixed           | 4930123456      | 0104930123456      | no
    JP | 110                            | emergency     | emergency       | -               | 110                | yes
    JP | 119                            | emergency     | emergency       | -               | 119                | yes
    # IN: DoT, National Numbering Plan 2003
    IN | 98123 45678                    | home          | mobile          | 919812345678    | 09812345678        | yes
    IN | 011 2301 2345                  | home          | fixed           | 911123012345    | 01123012345        | yes
    IN | 1800 123 4567                  | toll_free     | toll_free       | 9118001234567   | 18001234567        | yes
    IN | 100                            | emergency     | emergency       | -               | 100                | yes
    # RU: Rossvyaz numbering plan; KZ shares +7
    RU | 8 912 123 45 67                | home          | mobile          | 79121234567     | 89121234567        | yes
    RU | 8 495 123 45 67                | home          | fixed           | 74951234567     | 84951234567        | yes
    RU | 8 800 123 45 67                | toll_free     | toll_free       | 78001234567     | 88001234567        | yes
    RU | 8 701 123 45 67                | international | mobile          | 77011234567     | 87011234567        | no
    RU | 8 10 49 30 123456              | international | fixed           | 4930123456      | 8104930123456      | no
    RU | 102                            | emergency     | emergency       | -               | 102                | yes
    # AR: ENACOM, plan fundamental de numeración nacional
    AR | 011 15 2345 6789               | home          | mobile          | 5491123456789   | 0111523456789      | yes
    AR | +54 9 11 2345 6789             | home          | mobile          | 5491123456789   | 0111523456789      | yes
    AR | 011 4345 6789                  | home          | fixed           | 541143456789    | 01143456789        | yes
    # CN: MIIT, numbering plan
    CN | 131 2345 6789                  | home          | mobile          | 8613123456789   | 13123456789        | yes
    CN | 010 6552 9988                  | home          | fixed           | 861065529988    | 01065529988        | yes
    CN | 110                            | emergency     | emergency       | -               | 110                | yes
    # ZA: ICASA
    ZA | 011 978 5313                   | home          | fixed           | 27119785313     | 0119785313         | yes
    ZA | 071 123 4567                   | home          | mobile          | 27711234567     | 0711234567         | yes
    ZA | 10111                          | emergency     | emergency       | -               | 10111              | yes
    # JM: OUR, part of the North American plan
    JM | 876 926 1234                   | home          | fixed           | 18769261234     | 18769261234        | yes
    JM | 212 555 0123                   | international | fixed_or_mobile | 12125550123     | 12125550123        | no
    """
