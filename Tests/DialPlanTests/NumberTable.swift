/// Numbers as people write them, with what they are.
///
/// Columns: region, as typed, class, type, E.164, as dialled inside the region, whether the contract's policy lets it pass;
/// `none` where it is no number. E.164 and the national form follow from the plan's prefixes; they were written down by these
/// and not taken from the program. Class and type are those of the public plan that each block names; for the islands
/// of country code 1, whose plans do not tell fixed from mobile by area code, the type is libphonenumber's.
let numberTable = germanAndFrenchNumbers + "\n" + otherNumbers

private let germanAndFrenchNumbers = """
    # DE: BNetzA, Nummernraum für das öffentliche Telekommunikationsnetz (E.164-Nummernraum) and its Nummernpläne
    DE | 030 123456                     | home          | fixed           | 4930123456      | 030123456          | yes
    DE | 030/901820                     | home          | fixed           | 4930901820      | 030901820          | yes
    DE | 040 428280                     | home          | fixed           | 4940428280      | 040428280          | yes
    DE | 089 2330                       | home          | fixed           | 49892330        | 0892330            | yes
    DE | 069 2120                       | home          | fixed           | 49692120        | 0692120            | yes
    DE | 0221 669 669 66                | home          | fixed           | 4922166966966   | 022166966966       | yes
    DE | (0221) 2210                    | home          | fixed           | 492212210       | 02212210           | yes
    DE | 0228 140                       | home          | fixed           | 49228140        | 0228140            | yes
    DE | 0711 2160                      | home          | fixed           | 497112160       | 07112160           | yes
    DE | 0341 1230                      | home          | fixed           | 493411230       | 03411230           | yes
    DE | 0351 4880                      | home          | fixed           | 493514880       | 03514880           | yes
    DE | 0511 1680                      | home          | fixed           | 495111680       | 05111680           | yes
    DE | 0911 2310                      | home          | fixed           | 499112310       | 09112310           | yes
    DE | 0261 1290                      | home          | fixed           | 492611290       | 02611290           | yes
    DE | 0621 2930                      | home          | fixed           | 496212930       | 06212930           | yes
    DE | 0761 2010                      | home          | fixed           | 497612010       | 07612010           | yes
    DE | 04131 3090                     | home          | fixed           | 4941313090      | 041313090          | yes
    DE | 03381 580                      | home          | fixed           | 493381580       | 03381580           | yes
    DE | 08821 9100                     | home          | fixed           | 4988219100      | 088219100          | yes
    DE | 02351 171234                   | home          | fixed           | 492351171234    | 02351171234        | yes
    DE | +49 30 123456                  | home          | fixed           | 4930123456      | 030123456          | yes
    DE | +49 (0)30 123456               | home          | fixed           | 4930123456      | 030123456          | yes
    DE | +49(0)221 2210                 | home          | fixed           | 492212210       | 02212210           | yes
    DE | +49 0221 2210                  | home          | fixed           | 492212210       | 02212210           | yes
    DE | 0049 221 2210                  | home          | fixed           | 492212210       | 02212210           | yes
    DE | 0049 (0)221 2210               | home          | fixed           | 492212210       | 02212210           | yes
    DE | 0049 0221 2210                 | home          | fixed           | 492212210       | 02212210           | yes
    DE | tel:+49-30-123456              | home          | fixed           | 4930123456      | 030123456          | yes
    DE | tel:+49-30-123456;ext=12       | home          | fixed           | 4930123456      | 030123456          | yes
    DE | 0151 12345678                  | home          | mobile          | 4915112345678   | 015112345678       | yes
    DE | 0152 21234567                  | home          | mobile          | 4915221234567   | 015221234567       | yes
    DE | 0157 71234567                  | home          | mobile          | 4915771234567   | 015771234567       | yes
    DE | 0159 01234567                  | home          | mobile          | 4915901234567   | 015901234567       | yes
    DE | 0160 1234567                   | home          | mobile          | 491601234567    | 01601234567        | yes
    DE | 0162 1234567                   | home          | mobile          | 491621234567    | 01621234567        | yes
    DE | 0163 1234567                   | home          | mobile          | 491631234567    | 01631234567        | yes
    DE | 0170 1234567                   | home          | mobile          | 491701234567    | 01701234567        | yes
    DE | 0171 1234567                   | home          | mobile          | 491711234567    | 01711234567        | yes
    DE | 0175 1234567                   | home          | mobile          | 491751234567    | 01751234567        | yes
    DE | 0176 12345678                  | home          | mobile          | 4917612345678   | 017612345678       | yes
    DE | 0179 1234567                   | home          | mobile          | 491791234567    | 01791234567        | yes
    DE | +49 151 12345678               | home          | mobile          | 4915112345678   | 015112345678       | yes
    DE | +49 (0)171 1234567             | home          | mobile          | 491711234567    | 01711234567        | yes
    DE | 0032 2 555 12 12               | international | fixed           | 3225551212      | 003225551212       | no
    DE | 032 211234567                  | home          | voip            | 4932211234567   | 032211234567       | yes
    DE | 0700 12345678                  | shared_cost   | personal        | 4970012345678   | 070012345678       | no
    DE | 0800 1234567                   | toll_free     | toll_free       | 498001234567    | 08001234567        | yes
    DE | 0800 3301000                   | toll_free     | toll_free       | 498003301000    | 08003301000        | yes
    DE | +49 800 3301000                | toll_free     | toll_free       | 498003301000    | 08003301000        | yes
    DE | 0900 1 123456                  | premium       | premium         | 499001123456    | 09001123456        | no
    DE | 0900 3 123456                  | premium       | premium         | 499003123456    | 09003123456        | no
    DE | 0900 5 123456                  | premium       | premium         | 499005123456    | 09005123456        | no
    DE | +49 900 1123456                | premium       | premium         | 499001123456    | 09001123456        | no
    DE | +49 (0)900 1123456             | premium       | premium         | 499001123456    | 09001123456        | no
    DE | 0900 9 123456                  | premium       | premium         | 499009123456    | 09009123456        | no
    DE | 0137 7 123456                  | premium       | premium         | 491377123456    | 01377123456        | no
    DE | 0137 8 123456                  | premium       | premium         | 491378123456    | 01378123456        | no
    DE | 0137 9 123456                  | premium       | premium         | 491379123456    | 01379123456        | no
    DE | 0137 1 123456                  | shared_cost   | shared_cost     | 491371123456    | 01371123456        | no
    DE | 0137 5 123456                  | shared_cost   | shared_cost     | 491375123456    | 01375123456        | no
    DE | 0138 1234                      | shared_cost   | shared_cost     | 491381234       | 01381234           | no
    DE | 0180 1 123456                  | shared_cost   | shared_cost     | 491801123456    | 01801123456        | no
    DE | 0180 5 123456                  | shared_cost   | shared_cost     | 491805123456    | 01805123456        | no
    DE | 0180 6 123456                  | shared_cost   | shared_cost     | 491806123456    | 01806123456        | no
    DE | 0180 7 123456                  | shared_cost   | shared_cost     | 491807123456    | 01807123456        | no
    DE | +49 180 5 123456               | shared_cost   | shared_cost     | 491805123456    | 01805123456        | no
    DE | 0190 123456                    | premium       | premium         | 49190123456     | 0190123456         | no
    DE | 0191 011                       | premium       | premium         | 49191011        | 0191011            | no
    DE | 0185 12345                     | shared_cost   | shared_cost     | 4918512345      | 018512345          | no
    DE | 012 1234567                    | premium       | premium         | 49121234567     | 0121234567         | no
    DE | 0500 1234567                   | short         | unknown         | 495001234567    | 05001234567        | no
    DE | 06003 9101                     | home          | fixed           | 4960039101      | 060039101          | yes
    DE | 0200 1234567                   | short         | unknown         | 492001234567    | 02001234567        | no
    DE | 0310 1                         | short         | unknown         | 493101          | 03101              | no
    DE | 110                            | emergency     | emergency       | -               | 110                | yes
    DE | 112                            | emergency     | emergency       | -               | 112                | yes
    DE | +49112                         | emergency     | emergency       | -               | 112                | yes
    DE | 115                            | home          | short           | -               | 115                | yes
    DE | +49 115                        | home          | short           | -               | 115                | yes
    DE | 116117                         | toll_free     | short           | -               | 116117             | yes
    DE | 116 116                        | toll_free     | short           | -               | 116116             | yes
    DE | 116 000                        | toll_free     | short           | -               | 116000             | yes
    DE | 11833                          | premium       | short           | -               | 11833              | no
    DE | 118000                         | premium       | short           | -               | 118000             | no
    DE | +49 11880                      | premium       | short           | -               | 11880              | no
    DE | 3311                           | short         | short           | -               | 3311               | no
    DE | 5500                           | short         | short           | -               | 5500               | no
    DE | 22922                          | short         | short           | -               | 22922              | no
    DE | 1120                           | short         | short           | -               | 1120               | no
    DE | 0112                           | short         | short           | -               | 0112               | no
    DE | 0110                           | short         | short           | -               | 0110               | no
    DE | 01013 030 123456               | call_by_call  | call_by_call    | -               | 01013030123456     | no
    DE | 01013 0900 1 123456            | call_by_call  | call_by_call    | -               | 0101309001123456   | no
    DE | 010033 0221 2210               | call_by_call  | call_by_call    | -               | 01003302212210     | no
    DE | 01013                          | call_by_call  | unknown         | 491013          | 01013              | no
    DE | 6696696                        | home          | local           | -               | 6696696            | yes
    DE | 900 1234567                    | premium       | unknown         | -               | 9001234567         | no
    DE | 9001234                        | premium       | unknown         | -               | 9001234            | no
    DE | 123456789012345678             | short         | unknown         | -               | 123456789012345678 | no
    DE | 4930123456                     | short         | unknown         | -               | 4930123456         | no
    DE | +43 1 58858                    | international | fixed           | 43158858        | 0043158858         | no
    DE | 0043 664 1234567               | international | mobile          | 436641234567    | 00436641234567     | no
    DE | +41 44 668 18 00               | international | fixed           | 41446681800     | 0041446681800      | no
    DE | 0041 79 123 45 67              | international | mobile          | 41791234567     | 0041791234567      | no
    DE | +33 1 42 68 53 00              | international | fixed           | 33142685300     | 0033142685300      | no
    DE | +44 20 7946 0018               | international | fixed           | 442079460018    | 00442079460018     | no
    DE | +44 (0)20 7946 0018            | international | fixed           | 442079460018    | 00442079460018     | no
    DE | +1 212 555 0123                | international | fixed_or_mobile | 12125550123     | 0012125550123      | no
    DE | +39 06 6982                    | international | fixed           | 39066982        | 0039066982         | no
    DE | 00 261 20 22 123 45            | international | fixed           | 261202212345    | 00261202212345     | no
    DE | +86 131 2345 6789              | international | mobile          | 8613123456789   | 008613123456789    | no
    DE | +91 98123 45678                | international | mobile          | 919812345678    | 00919812345678     | no
    DE | +43 900 123456                 | premium       | premium         | 43900123456     | 0043900123456      | no
    DE | +41 900 123 456                | premium       | premium         | 41900123456     | 0041900123456      | no
    DE | +44 909 879 0123               | premium       | premium         | 449098790123    | 00449098790123     | no
    DE | +1 900 234 5678                | premium       | premium         | 19002345678     | 0019002345678      | no
    DE | +33 899 12 34 56               | premium       | premium         | 33899123456     | 0033899123456      | no
    DE | +352 900 12345                 | premium       | premium         | 35290012345     | 0035290012345      | no
    DE | +44 843 123 4567               | shared_cost   | shared_cost     | 448431234567    | 00448431234567     | no
    DE | +44 70 1234 5678               | premium       | premium         | 447012345678    | 00447012345678     | no
    DE | +800 1234 5678                 | international | toll_free       | 80012345678     | 0080012345678      | no
    DE | +870 773 111 632               | satellite     | satellite       | 870773111632    | 00870773111632     | no
    DE | +881 6 1234 5678               | satellite     | satellite       | 881612345678    | 00881612345678     | no
    DE | +881 8 1234 5678               | satellite     | satellite       | 881812345678    | 00881812345678     | no
    DE | +88213 123456                  | satellite     | satellite       | 88213123456     | 0088213123456      | no
    DE | +88216 1234 5678               | satellite     | satellite       | 8821612345678   | 008821612345678    | no
    DE | +883 5100 1234 5678            | satellite     | global_network  | 883510012345678 | 00883510012345678  | no
    DE | +878 10 1234567890             | satellite     | personal        | 878101234567890 | 00878101234567890  | no
    DE | +888 123 456 789               | satellite     | global_network  | 888123456789    | 00888123456789     | no
    DE | +979 1 2345 6789               | satellite     | premium         | 979123456789    | 00979123456789     | no
    DE | +808 1234 5678                 | satellite     | shared_cost     | 80812345678     | 0080812345678      | no
    DE | +999 123456789                 | none
    DE | +210 123456789                 | none
    DE | +49 22                         | none
    DE | +49 30 1234567890123           | none
    DE | +1 212 555                     | none
    DE | +41 44 668                     | none
    DE | +33 1 42 68 53                 | none
    # AT: RTR, Verordnung KEM-V 2009 (Nummernplan)
    AT | 01 58858                       | home          | fixed           | 43158858        | 0158858            | yes
    AT | 01 4000 0                      | home          | fixed           | 43140000        | 0140000            | yes
    AT | 0316 8720                      | home          | fixed           | 433168720       | 03168720           | yes
    AT | 0512 53600                     | home          | fixed           | 4351253600      | 051253600          | yes
    AT | 0662 80720                     | home          | fixed           | 4366280720      | 066280720          | yes
    AT | 0732 70700                     | home          | fixed           | 4373270700      | 073270700          | yes
    AT | 05 0100 10100                  | home          | corporate       | 435010010100    | 05010010100        | yes
    AT | 0650 1234567                   | home          | mobile          | 436501234567    | 06501234567        | yes
    AT | 0660 1234567                   | home          | mobile          | 436601234567    | 06601234567        | yes
    AT | 0664 1234567                   | home          | mobile          | 436641234567    | 06641234567        | yes
    AT | 0676 1234567                   | home          | mobile          | 436761234567    | 06761234567        | yes
    AT | 0681 12345678                  | home          | mobile          | 4368112345678   | 068112345678       | yes
    AT | 0699 12345678                  | home          | mobile          | 4369912345678   | 069912345678       | yes
    AT | 0720 123456                    | home          | voip            | 43720123456     | 0720123456         | yes
    AT | 0780 123456                    | home          | voip            | 43780123456     | 0780123456         | yes
    AT | 0800 123456                    | toll_free     | toll_free       | 43800123456     | 0800123456         | yes
    AT | 0810 123456                    | shared_cost   | shared_cost     | 43810123456     | 0810123456         | no
    AT | 0820 123456                    | shared_cost   | shared_cost     | 43820123456     | 0820123456         | no
    AT | 0821 123456                    | shared_cost   | shared_cost     | 43821123456     | 0821123456         | no
    AT | 0900 123456                    | premium       | premium         | 43900123456     | 0900123456         | no
    AT | 0901 123456                    | premium       | premium         | 43901123456     | 0901123456         | no
    AT | 0930 123456                    | premium       | premium         | 43930123456     | 0930123456         | no
    AT | 0939 123456                    | premium       | premium         | 43939123456     | 0939123456         | no
    AT | +43 (0)664 1234567             | home          | mobile          | 436641234567    | 06641234567        | yes
    AT | +43 900 123456                 | premium       | premium         | 43900123456     | 0900123456         | no
    AT | 0043 1 58858                   | home          | fixed           | 43158858        | 0158858            | yes
    AT | 122                            | emergency     | emergency       | -               | 122                | yes
    AT | 133                            | emergency     | emergency       | -               | 133                | yes
    AT | 144                            | emergency     | emergency       | -               | 144                | yes
    AT | 112                            | emergency     | emergency       | -               | 112                | yes
    AT | +43144                         | emergency     | emergency       | -               | 144                | yes
    AT | 116 123                        | toll_free     | short           | -               | 116123             | yes
    AT | 118877                         | premium       | short           | -               | 118877             | no
    AT | 1011 01 58858                  | call_by_call  | call_by_call    | -               | 10110158858        | no
    AT | +49 30 123456                  | international | fixed           | 4930123456      | 004930123456       | no
    AT | +423 236 61 11                 | international | fixed           | 4232366111      | 004232366111       | no
    AT | +88216 1234 5678               | satellite     | satellite       | 8821612345678   | 008821612345678    | no
    AT | 110                            | short         | short           | -               | 110                | no
    # CH: BAKOM, Nummerierungsplan E.164/2002
    CH | 044 668 18 00                  | home          | fixed           | 41446681800     | 0446681800         | yes
    CH | 031 322 21 11                  | home          | fixed           | 41313222111     | 0313222111         | yes
    CH | 022 917 12 34                  | home          | fixed           | 41229171234     | 0229171234         | yes
    CH | 061 267 81 81                  | home          | fixed           | 41612678181     | 0612678181         | yes
    CH | 091 815 51 11                  | home          | fixed           | 41918155111     | 0918155111         | yes
    CH | 071 224 51 21                  | home          | fixed           | 41712245121     | 0712245121         | yes
    CH | 058 462 21 11                  | home          | corporate       | 41584622111     | 0584622111         | yes
    CH | 076 123 45 67                  | home          | mobile          | 41761234567     | 0761234567         | yes
    CH | 077 912 34 56                  | home          | mobile          | 41779123456     | 0779123456         | yes
    CH | 078 123 45 67                  | home          | mobile          | 41781234567     | 0781234567         | yes
    CH | 079 123 45 67                  | home          | mobile          | 41791234567     | 0791234567         | yes
    CH | +41 (0)79 123 45 67            | home          | mobile          | 41791234567     | 0791234567         | yes
    CH | 0041 44 668 18 00              | home          | fixed           | 41446681800     | 0446681800         | yes
    CH | 0800 123 456                   | toll_free     | toll_free       | 41800123456     | 0800123456         | yes
    CH | 0840 123 456                   | shared_cost   | shared_cost     | 41840123456     | 0840123456         | no
    CH | 0842 123 456                   | shared_cost   | shared_cost     | 41842123456     | 0842123456         | no
    CH | 0844 123 456                   | shared_cost   | shared_cost     | 41844123456     | 0844123456         | no
    CH | 0848 123 456                   | shared_cost   | shared_cost     | 41848123456     | 0848123456         | no
    CH | 0878 123 456                   | shared_cost   | personal        | 41878123456     | 0878123456         | no
    CH | 0900 123 456                   | premium       | premium         | 41900123456     | 0900123456         | no
    CH | 0901 123 456                   | premium       | premium         | 41901123456     | 0901123456         | no
    CH | 0906 123 456                   | premium       | premium         | 41906123456     | 0906123456         | no
    CH | 117                            | emergency     | emergency       | -               | 117                | yes
    CH | 118                            | emergency     | emergency       | -               | 118                | yes
    CH | 144                            | emergency     | emergency       | -               | 144                | yes
    CH | +41117                         | emergency     | emergency       | -               | 117                | yes
    CH | 1811                           | premium       | short           | -               | 1811               | no
    CH | 1818                           | premium       | short           | -               | 1818               | no
    CH | 116 117                        | toll_free     | short           | -               | 116117             | yes
    CH | 10741 044 668 18 00            | call_by_call  | call_by_call    | -               | 107410446681800    | no
    CH | 044 668 18                     | none
    CH | 044 668 18 00 00               | none
    CH | 079 123 456                    | none
    CH | +49 171 1234567                | international | mobile          | 491711234567    | 00491711234567     | no
    CH | +423 236 61 11                 | international | fixed           | 4232366111      | 004232366111       | no
    CH | +43 1 58858                    | international | fixed           | 43158858        | 0043158858         | no
    CH | +41 91 815 51 11               | home          | fixed           | 41918155111     | 0918155111         | yes
    CH | 6681800                        | short         | unknown         | -               | 6681800            | no
    # FR: ARCEP, décision 2018-0881 (plan national de numérotation)
    FR | 01 42 68 53 00                 | home          | fixed           | 33142685300     | 0142685300         | yes
    FR | 02 99 28 55 55                 | home          | fixed           | 33299285555     | 0299285555         | yes
    FR | 03 88 60 90 90                 | home          | fixed           | 33388609090     | 0388609090         | yes
    FR | 04 91 55 11 11                 | home          | fixed           | 33491551111     | 0491551111         | yes
    FR | 05 61 22 29 22                 | home          | fixed           | 33561222922     | 0561222922         | yes
    FR | 06 12 34 56 78                 | home          | mobile          | 33612345678     | 0612345678         | yes
    FR | 07 56 78 90 12                 | home          | mobile          | 33756789012     | 0756789012         | yes
    FR | 09 72 12 34 56                 | home          | voip            | 33972123456     | 0972123456         | yes
    FR | +33 (0)6 12 34 56 78           | home          | mobile          | 33612345678     | 0612345678         | yes
    FR | 0033 1 42 68 53 00             | home          | fixed           | 33142685300     | 0142685300         | yes
    FR | +33 1 42 68 53 00              | home          | fixed           | 33142685300     | 0142685300         | yes
    FR | 0800 12 34 56                  | toll_free     | toll_free       | 33800123456     | 0800123456         | yes
    FR | 0805 12 34 56                  | toll_free     | toll_free       | 33805123456     | 0805123456         | yes
    FR | 0806 12 34 56                  | home          | corporate       | 33806123456     | 0806123456         | yes
    FR | 0809 12 34 56                  | home          | corporate       | 33809123456     | 0809123456         | yes
    FR | 0810 12 34 56                  | shared_cost   | shared_cost     | 33810123456     | 0810123456         | no
    FR | 0811 12 34 56                  | shared_cost   | shared_cost     | 33811123456     | 0811123456         | no
    FR | 0820 12 34 56                  | shared_cost   | shared_cost     | 33820123456     | 0820123456         | no
    FR | 0825 12 34 56                  | shared_cost   | shared_cost     | 33825123456     | 0825123456         | no
    FR | 0826 12 34 56                  | shared_cost   | shared_cost     | 33826123456     | 0826123456         | no
    FR | 0890 12 34 56                  | premium       | premium         | 33890123456     | 0890123456         | no
    FR | 0892 12 34 56                  | premium       | premium         | 33892123456     | 0892123456         | no
    FR | 0897 12 34 56                  | premium       | premium         | 33897123456     | 0897123456         | no
    FR | 0899 12 34 56                  | premium       | premium         | 33899123456     | 0899123456         | no
    FR | +33 899 12 34 56               | premium       | premium         | 33899123456     | 0899123456         | no
    FR | 15                             | emergency     | emergency       | -               | 15                 | yes
    FR | 17                             | emergency     | emergency       | -               | 17                 | yes
    FR | 18                             | emergency     | emergency       | -               | 18                 | yes
    FR | 114                            | emergency     | emergency       | -               | 114                | yes
    FR | 112                            | emergency     | emergency       | -               | 112                | yes
    FR | +3318                          | emergency     | emergency       | -               | 18                 | yes
    FR | 3949                           | short         | short           | -               | 3949               | no
    FR | 3651 06 12 34 56 78            | short         | unknown         | -               | 36510612345678     | no
    FR | 118218                         | premium       | short           | -               | 118218             | no
    FR | 116 000                        | toll_free     | short           | -               | 116000             | yes
    FR | +49 30 123456                  | international | fixed           | 4930123456      | 004930123456       | no
    FR | +262 262 12 34 56              | international | fixed           | 262262123456    | 00262262123456     | no
    FR | +590 590 12 34 56              | international | fixed           | 590590123456    | 00590590123456     | no
    FR | 01 42 68 53                    | none
    FR | 01 42 68 53 00 00              | none
    FR | +377 98 98 83 03               | international | fixed           | 37798988303     | 0037798988303      | no
    """
